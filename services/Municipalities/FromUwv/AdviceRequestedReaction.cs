using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>
/// UWV received a request. Of our own it completes a RequestAdvice that died after asking. A citizen's own becomes a case
/// now when he agreed, otherwise with the advice; until then only who asked is kept.
/// </summary>
static class AdviceRequestedReaction
{
    public static async Task<AdviceRequest?> Prepare(
        AdviceRequested requested, ReceivedEvent received, CallScope<MunicipalityStore, MunicipalitiesStore> scope) =>
        requested is { Requester: Requester.Citizen, SharedBeforeAdvice: true } ? await CitizenCase.AskUwvAsync(requested.AdviceRequestId, scope) : null;

    public static void Apply(AdviceRequested requested, AdviceRequest? shared, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var id = Ids.Parse(requested.AdviceRequestId);
        if (requested.Requester == Requester.Citizen)
        {
            session.Store.CitizenRequests.Add(new CitizenRequest { AdviceRequestId = id, Actor = received.Actor, Position = received.Position });
            if (shared is null) return;
            var own = CitizenCase.FindOrOpen(shared, received.Actor, requested.ReceivedOn, received, session);
            if (CaseRules.MayBeginRound(own)) own.AdviceAsked(id);
            return;
        }

        if (!Guid.TryParse(requested.RequesterReference, out var caseId) || session.Store.Cases.Find(caseId) is not { } supportCase) return;
        session.Remember(supportCase.CaseId, received.Position);
        if (supportCase.AdviceRequestId != id && CaseRules.MayBeginRound(supportCase)) supportCase.AdviceAsked(id);
    }
}
