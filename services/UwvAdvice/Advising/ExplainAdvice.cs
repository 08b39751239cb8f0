using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>Why an advice is as it is: questions, answers, articles.</summary>
internal static class ExplainAdvice
{
    public static ExplainAdviceResponse Run(ExplainAdviceRequest request, ReadSession<UwvStore> session)
    {
        var dossier = GetAdviceRequest.Find(request.AdviceRequestId, session);
        var assessment = View.ShowsAnswers(session.Caller, dossier) ? View.Unseal(session.Persons, dossier) : null;
        return new ExplainAdviceResponse
        {
            Steps = { AdvicePath.Of(dossier.Policy, dossier.Facts, assessment) },
            Verdict = dossier.Verdict,
            Ground = dossier.Ground,
            RulesInForceFrom = dossier.Policy.InForceFrom.ToDate(),
        };
    }
}
