using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>UWV advised: on our own request the case gets its advice; a citizen's own request becomes or joins a case.</summary>
static class AdviceIssuedReaction
{
    public static async Task<AdviceRequest?> Prepare(
        AdviceIssued advice, ReceivedEvent received, CallScope<MunicipalityStore, MunicipalitiesStore> scope) =>
        advice.Requester == Requester.Citizen ? await CitizenCase.AskUwvAsync(advice.AdviceRequestId, scope) : null;

    public static void Apply(AdviceIssued advice, AdviceRequest? own, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var supportCase = own is null ? CaseOfReference(advice, session) : CaseOfCitizen(advice, own, session);
        if (supportCase is null)
        {
            session.RaiseDiscrepancy(DiscrepancyKind.AdviceForUnknownCase, advice.AdviceRequestId);
            return;
        }

        session.Remember(supportCase.CaseId, received.Position);
        if (CaseRules.OnAdvice(supportCase) is { } kind)
        {
            session.RaiseDiscrepancy(supportCase, kind, advice.AdviceRequestId);
            return;
        }

        supportCase.Apply(advice);
        if (own is { Advice.SupportNeeds.Count: > 0 }) supportCase.Needs = own.Advice.SupportNeeds;
    }

    private static SupportCase? CaseOfReference(AdviceIssued advice, WriteSession<MunicipalityStore> session) =>
        Guid.TryParse(advice.RequesterReference, out var caseId) ? session.Store.FindCase(caseId) : null;

    private static SupportCase CaseOfCitizen(AdviceIssued advice, AdviceRequest own, WriteSession<MunicipalityStore> session) =>
        CitizenCase.FindOrOpen(own, CitizenCase.WhoAsked(Ids.Parse(advice.AdviceRequestId), session), advice.IssuedOn, session);
}
