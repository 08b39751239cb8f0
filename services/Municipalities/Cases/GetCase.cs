using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>One case, with its person and why its decision deviates.</summary>
static class GetCase
{
    public static GetCaseResponse Run(GetCaseRequest request, ReadSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var offer = supportCase.OfferId is { } id ? session.Store.FindOffer(id) : null;
        var response = new GetCaseResponse { Case = supportCase.ToMessage(offer) };
        response.Case.Person = session.Persons.Get(supportCase.PersonId);
        if (supportCase.DecisionAt is { } decision) response.Case.DeviationReason = session.ReasonOf(decision, supportCase.CaseId);
        return response;
    }
}
