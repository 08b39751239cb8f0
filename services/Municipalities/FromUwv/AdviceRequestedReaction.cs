using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>
/// UWV received a request. Of our own it is what makes the case asked. A citizen's own becomes a case; of one that they do not
/// share nothing is heard before the advice.
/// </summary>
static class AdviceRequestedReaction
{
    /// <param name="Shared">A citizen's own request.</param>
    /// <param name="Telling">Tells UWV who a case is about.</param>
    internal sealed record Prepared(AdviceRequest? Shared, TellingUwv Telling);

    public static async Task<Prepared> Prepare(
        AdviceRequested requested, ReceivedEvent received, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var shared = requested.Requester == Requester.Citizen ? await CitizenCase.AskUwvAsync(requested.AdviceRequestId, scope) : null;
        return new Prepared(shared, scope.Services.GetRequiredService<TellingUwv>());
    }

    public static void Apply(AdviceRequested requested, Prepared prepared, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (prepared.Shared is { } shared) session.Hear(CitizenCase.FindOrOpen(shared, requested.ReceivedOn, session), received.Position);
        else ApplyOurs(requested, prepared.Telling, received, session);
    }

    private static void ApplyOurs(AdviceRequested requested, TellingUwv telling, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (!Guid.TryParse(requested.RequesterReference, out var caseId) || session.FindCase(caseId) is not { } supportCase) return;
        session.Hear(supportCase, received.Position);
        // It may have been on its way when the person was corrected.
        if (CorrectionsDue.WasCorrected(supportCase.CaseId, session)) telling.IsDue(supportCase.CaseId, received.Position, session);
    }
}
