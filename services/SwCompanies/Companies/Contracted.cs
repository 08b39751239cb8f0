using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>
/// Which company ever had a contract with which municipality. One that had none is told the same of every municipality, whether or not
/// it takes part or is suspended. A contract is never taken away again, so that each is looked up once.
/// </summary>
internal sealed class Contracted
{
    private readonly ConcurrentDictionary<(string Origin, string CompanyId), bool> _known = new();

    /// <summary>Why a company is refused that has nothing to do with a municipality; null when it has, and for other callers.</summary>
    /// <param name="store">The municipality's store; null when no such municipality is known here.</param>
    public Refusal? RefusalOf(Caller caller, StoreHandle<SwCompanyStore>? store)
    {
        if (!caller.Is(OrganisationKind.SwCompany) || (store is not null && Has(caller, store))) return null;
        return Refusal.Of(ErrorReason.NoContract, "The company has no contract with this municipality.");
    }

    private bool Has(Caller caller, StoreHandle<SwCompanyStore> store)
    {
        var key = (store.Name.Origin, caller.OrganisationId);
        if (_known.ContainsKey(key)) return true;
        if (!store.Exists || !store.Read(caller, session => HasContract(caller.OrganisationId, session))) return false;
        return _known[key] = true;
    }

    private static bool HasContract(string companyId, ReadSession<SwCompanyStore> session)
    {
        var contract = session.Statement("SELECT 1 FROM contracts WHERE company_id = ?1");
        contract.Bind(1, companyId);
        var has = contract.Step();
        contract.Reset();
        return has;
    }
}
