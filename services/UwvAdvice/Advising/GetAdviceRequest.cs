using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>One request, as far as the caller may see it.</summary>
internal static class GetAdviceRequest
{
    public static GetAdviceRequestResponse Run(GetAdviceRequestRequest request, ReadSession<UwvStore> session)
    {
        var dossier = Find(request.AdviceRequestId, session);
        var assessment = View.Unseal(session.Persons, dossier);
        var seen = View.Of(dossier, session.Tenant.Code, assessment);
        if (session.Caller.Is(OrganisationKind.Uwv))
        {
            seen.Assessment = assessment;
            seen.GivenPerson = GivenPerson.Unseal(session.Persons, dossier);
        }
        if (View.ShowsPerson(session.Caller, dossier))
        {
            seen.Person = session.Persons.Get(dossier.PersonId);
        }
        return new GetAdviceRequestResponse { AdviceRequest = seen };
    }

    /// <summary>The dossier, when there is one that the caller may know of.</summary>
    public static Dossier Find(string adviceRequestId, ReadSession<UwvStore> session)
    {
        var dossier = Dossier.Find(session, Ids.Parse(adviceRequestId));
        return dossier is not null && View.IsFor(session.Caller, dossier, session.Persons) ? dossier : throw Refusal.NotFound("advice request").ToException();
    }
}
