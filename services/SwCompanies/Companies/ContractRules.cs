using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>Municipalities decide on the infrastructure; a contract is what lets a company place their people (letter, nr. 112).</summary>
public static class ContractRules
{
    /// <summary>
    /// A new contract, until the day before a later one begins, else without end. It may be signed after its first day: that
    /// is how contracts are renewed in practice.
    /// </summary>
    /// <param name="existing">What the company has and had with this municipality.</param>
    public static Ruling<Contract> Sign(
        IReadOnlyCollection<Contract> existing, Guid contractId, string companyId, DateOnly signedOn, DateOnly startOn)
    {
        if (existing.Any(contract => contract.StartOn <= startOn && startOn <= contract.LastDay))
            return Refusal.Of(ErrorReason.ContractExists, "The company has a contract with this municipality on that day.");

        var next = existing.Where(contract => contract.StartOn > startOn).Min(contract => (DateOnly?)contract.StartOn);
        return new Contract
        {
            ContractId = contractId,
            CompanyId = companyId,
            SignedOn = signedOn,
            StartOn = startOn,
            LastDay = next?.AddDays(-1) ?? DateOnly.MaxValue,
        };
    }

    /// <summary>The contract that runs on this day and goes on after it.</summary>
    /// <param name="existing">What the company has and had with this municipality.</param>
    public static Ruling<Contract> End(IReadOnlyCollection<Contract> existing, DateOnly lastDay)
    {
        if (existing.FirstOrDefault(contract => contract.StartOn <= lastDay && lastDay < contract.LastDay) is { } running) return running;

        return existing.Any(contract => contract.LastDay == DateOnly.MaxValue && contract.StartOn > lastDay)
            ? Refusal.Of(ErrorReason.DateBeforeItsBasis, "The last day lies before the first.")
            : Refusal.Of(ErrorReason.NoContract, "The company has no contract with this municipality that goes on after that day.");
    }
}
