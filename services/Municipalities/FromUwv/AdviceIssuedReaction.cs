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
        var supportCase = own is null ? CaseOfReference(advice, session) : CitizenCase.FindOrOpen(own, advice.IssuedOn, session);
        if (supportCase is null)
        {
            session.RaiseDiscrepancy(DiscrepancyKind.AdviceForUnknownCase, advice.AdviceRequestId);
            return;
        }

        session.Hear(supportCase, received.Position);
        var counts = supportCase.AdviceRequestId == Ids.Parse(advice.AdviceRequestId);
        if (counts && own is { Advice.SupportNeeds.Count: > 0 }) supportCase.Needs = own.Advice.SupportNeeds;
    }

    private static SupportCase? CaseOfReference(AdviceIssued advice, WriteSession<MunicipalityStore> session) =>
        Guid.TryParse(advice.RequesterReference, out var caseId) ? session.FindCase(caseId) : null;
}
