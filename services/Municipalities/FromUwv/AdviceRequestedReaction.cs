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
        if (requested.Requester == Requester.Citizen) ApplyCitizens(requested, shared, received, session);
        else ApplyOurs(requested, received, session);
    }

    private static void ApplyCitizens(AdviceRequested requested, AdviceRequest? shared, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var id = Ids.Parse(requested.AdviceRequestId);
        CitizenCase.NoteWhoAsked(id, received.Actor, session);
        session.Remember(id, received.Position);
        // Without a person he did not agree, or withdrew before we asked.
        if (shared?.Person is null) return;
        var supportCase = CitizenCase.FindOrOpen(shared, received.Actor, requested.ReceivedOn, session);
        if (CaseRules.MayBeginRound(supportCase)) supportCase.AdviceAsked(id);
    }

    private static void ApplyOurs(AdviceRequested requested, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (!Guid.TryParse(requested.RequesterReference, out var caseId) || session.Store.FindCase(caseId) is not { } supportCase) return;
        session.Remember(caseId, received.Position);
        var id = Ids.Parse(requested.AdviceRequestId);
        if (supportCase.AdviceRequestId != id && CaseRules.MayBeginRound(supportCase)) supportCase.AdviceAsked(id);
    }
}
