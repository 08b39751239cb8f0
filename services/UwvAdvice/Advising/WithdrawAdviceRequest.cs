using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>The one who asked takes the request back before the advice.</summary>
internal static class WithdrawAdviceRequest
{
    public static WithdrawAdviceRequestResponse Run(WithdrawAdviceRequestRequest request, WriteSession<UwvStore> session)
    {
        var dossier = Dossier.Find(session, Ids.Parse(request.AdviceRequestId));
        if (dossier is null || !Asked(session.Caller, dossier, session.Persons))
        {
            throw Refusal.NotFound("advice request").ToException();
        }

        var withdrawn = DossierRules.Withdraw(dossier, request.WithdrawnOn.ToDateOnly()).OrThrow();
        dossier.Apply(withdrawn);
        dossier.Save(session);
        session.Raise(withdrawn, withdrawn.AdviceRequestId);
        return new WithdrawAdviceRequestResponse { State = dossier.State, Version = dossier.Version };
    }

    // A municipality may see some requests of citizens, and withdraws none of them.
    private static bool Asked(Caller caller, Dossier dossier, Persons persons) => caller.Is(OrganisationKind.Municipality)
        ? dossier.Requester == Requester.Municipality
        : View.IsOf(caller, dossier, persons);
}
