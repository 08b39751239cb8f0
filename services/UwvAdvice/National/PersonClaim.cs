using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.National;

using Scope = CallScope<UwvStore, UwvPlatformStore>;

/// <summary>Makes sure that a person has no other running request, before a new one is stored at their municipality.</summary>
internal static class PersonClaim
{
    /// <summary>Claims the person nationwide; refuses with REQUEST_ALREADY_RUNNING.</summary>
    public static async Task<Claim> TakeAsync(Scope scope, Func<byte[], IndexedRequest> wanted, string bsn, Guid? previous)
    {
        while (true)
        {
            var claim = await scope.WritePlatformAsync(session => NationalIndex.Take(session, wanted(session.Persons.HashOf(bsn)), previous));
            if (claim.Held is not { } held)
            {
                return claim;
            }

            // The index follows the municipalities' stores by their events: before it refuses, the store itself is asked.
            var truth = await TruthOfAsync(scope, held);
            if (truth is { IsRunning: true })
            {
                // Nor is anybody refused for a dropout that its municipality recorded and that has not arrived yet.
                await scope.CatchUpAsync("municipalities", TenantId.Parse(held.Municipality));
                truth = await TruthOfAsync(scope, held);
            }
            if (truth is { IsRunning: true })
            {
                throw AlreadyRunning();
            }
            await scope.WritePlatformAsync(session =>
            {
                NationalIndex.Settle(session, held, truth);
                return true;
            });
        }
    }

    /// <summary>Refuses to store a request whose claim was taken over meanwhile.</summary>
    public static void RequireStillHeld(WriteSession<UwvStore> session, Guid claimId)
    {
        if (IsLost(session, claimId))
        {
            throw AlreadyRunning();
        }
    }

    private static Task<RequestState?> TruthOfAsync(Scope scope, HeldBy held)
    {
        var municipality = TenantId.Parse(held.Municipality);
        return held.ClaimId is { } claimId
            ? scope.WriteTenantAsync(municipality, session => TakeOver(session, held.AdviceRequestId, claimId))
            : scope.ReadAsync(municipality, session => Dossier.Find(session, held.AdviceRequestId) is { } dossier
                ? RequestState.Of(dossier)
                : null);
    }

    // A claim without a request: its call died in between, or is about to store it. Both stores cannot be locked at once,
    // so the one writer of the request's own store decides: either the request is there, or this claim is lost for good.
    private static RequestState? TakeOver(WriteSession<UwvStore> session, Guid adviceRequestId, Guid claimId)
    {
        if (Dossier.Find(session, adviceRequestId) is { } dossier)
        {
            return RequestState.Of(dossier);
        }
        if (!IsLost(session, claimId))
        {
            var lose = session.Statement("INSERT INTO lost_claims (claim_id) VALUES (?1)");
            lose.Bind(1, claimId);
            lose.Run();
        }
        return null;
    }

    /// <summary>Whether another request took the claim over before its own request was stored.</summary>
    private static bool IsLost(WriteSession<UwvStore> session, Guid claimId)
    {
        var row = session.Statement("SELECT 1 FROM lost_claims WHERE claim_id = ?1");
        row.Bind(1, claimId);
        var found = row.Step();
        row.Reset();
        return found;
    }

    private static RefusalException AlreadyRunning() =>
        Refusal.Of(ErrorReason.RequestAlreadyRunning, "This person has a running request for advice.").ToException();
}
