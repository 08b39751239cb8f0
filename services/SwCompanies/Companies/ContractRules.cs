using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>Municipalities decide on the infrastructure; a contract is what lets a company place their people (letter, nr. 112).</summary>
public static class ContractRules
{
    /// <summary>A new contract without end. It may be signed after its first day: that is how contracts are renewed in practice.</summary>
    /// <param name="existing">What the company had with this municipality before.</param>
    public static Ruling<Contract> Sign(IEnumerable<Contract> existing, Guid contractId, string companyId, DateOnly signedOn, DateOnly startOn)
    {
        if (existing.Any(contract => contract.LastDay >= startOn))
            return Refusal.Of(ErrorReason.ContractExists, "The company has a contract with this municipality on or after that day.");

        return new Contract { ContractId = contractId, CompanyId = companyId, SignedOn = signedOn, StartOn = startOn, LastDay = DateOnly.MaxValue };
    }

    /// <summary>The contract that ends on this day.</summary>
    /// <param name="existing">What the company has with this municipality.</param>
    public static Ruling<Contract> End(IEnumerable<Contract> existing, DateOnly lastDay)
    {
        if (existing.FirstOrDefault(contract => contract.LastDay == DateOnly.MaxValue) is not { } running)
            return Refusal.Of(ErrorReason.NoContract, "The company has no contract with this municipality that can end.");

        if (lastDay < running.StartOn)
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The last day lies before the first.");

        return running;
    }
}
