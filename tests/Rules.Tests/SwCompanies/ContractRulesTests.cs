using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.SwCompanies.Companies;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class ContractRulesTests
{
    private static readonly DateOnly Start = new(2016, 1, 1);

    private static Contract Running => new() { CompanyId = "sw-noord", SignedOn = Start, StartOn = Start, LastDay = DateOnly.MaxValue };

    private static Contract Ended => new() { CompanyId = "sw-noord", SignedOn = Start, StartOn = Start, LastDay = new(2016, 12, 31) };

    [Fact]
    public void A_contract_runs_without_end_until_somebody_ends_it()
    {
        var contract = ContractRules.Sign([], Guid.NewGuid(), "sw-noord", Start, Start).OrThrow();
        Assert.Equal((Start, DateOnly.MaxValue), (contract.StartOn, contract.LastDay));
    }

    [Fact]
    public void There_is_one_contract_at_a_time()
    {
        Assert.Equal(ErrorReason.ContractExists, ContractRules.Sign([Running], Guid.NewGuid(), "sw-noord", Start, Start.AddYears(3)).Refusal?.Reason);
        Assert.Equal(ErrorReason.ContractExists, ContractRules.Sign([Ended], Guid.NewGuid(), "sw-noord", Start, new(2016, 12, 31)).Refusal?.Reason);
        Assert.False(ContractRules.Sign([Ended], Guid.NewGuid(), "sw-noord", Start, new(2017, 1, 1)).IsRefused);
    }

    [Fact]
    public void The_running_contract_ends_on_or_after_its_first_day()
    {
        Assert.Equal(ErrorReason.NoContract, ContractRules.End([Ended], Start.AddYears(2)).Refusal?.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, ContractRules.End([Running], Start.AddDays(-1)).Refusal?.Reason);
        Assert.False(ContractRules.End([Ended, Running], Start).IsRefused);
    }

    [Fact]
    public void A_contract_that_is_told_after_a_later_one_runs_until_that_begins()
    {
        var later = new Contract { CompanyId = "sw-noord", StartOn = new(2018, 1, 1), LastDay = DateOnly.MaxValue };
        var earlier = ContractRules.Sign([later], Guid.NewGuid(), "sw-noord", Start, Start).OrThrow();
        Assert.Equal((Start, new DateOnly(2017, 12, 31)), (earlier.StartOn, earlier.LastDay));
        var again = ContractRules.Sign([earlier, later], Guid.NewGuid(), "sw-noord", Start, new(2017, 12, 31));
        Assert.Equal(ErrorReason.ContractExists, again.Refusal?.Reason);
    }

    [Fact]
    public void The_contract_that_runs_on_a_day_ends_then_also_when_a_later_one_was_signed()
    {
        var later = new Contract { CompanyId = "sw-noord", StartOn = new(2018, 1, 1), LastDay = DateOnly.MaxValue };
        Assert.Equal(Start, ContractRules.End([later, Ended], new(2016, 6, 30)).OrThrow().StartOn);
        Assert.Equal(later.StartOn, ContractRules.End([Ended, later], new(2018, 6, 30)).OrThrow().StartOn);
        Assert.Equal(ErrorReason.NoContract, ContractRules.End([Ended], new(2016, 12, 31)).Refusal?.Reason);
    }
}
