using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>One case; its person for the municipality itself, never for another service.</summary>
static class GetCase
{
    public static GetCaseResponse Run(GetCaseRequest request, ReadSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var offer = supportCase.OfferId is { } id ? session.Store.FindOffer(id) : null;
        var person = session.Caller.Is(OrganisationKind.Municipality) ? session.Persons.Get(supportCase.PersonId) : null;
        return new GetCaseResponse { Case = supportCase.ToMessage(offer, person) };
    }
}
