using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>UWV ends a running request for a reason that it knows, so that the person may be asked for again.</summary>
internal static class EndAdviceRequest
{
    public static EndAdviceRequestResponse Run(EndAdviceRequestRequest request, WriteSession<UwvStore> session)
    {
        var dossier = Dossier.Find(session, Ids.Parse(request.AdviceRequestId)) ?? throw Refusal.NotFound("advice request").ToException();

        var ended = DossierRules.End(dossier, request.Ending, request.EndedOn.ToDateOnly()).OrThrow();
        dossier.Apply(ended);
        dossier.Save(session);
        session.Raise(ended, ended.AdviceRequestId);
        return new EndAdviceRequestResponse { State = dossier.State, Version = dossier.Version };
    }
}
