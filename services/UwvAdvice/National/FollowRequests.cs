using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>The national index and work queue follow UWV's own events in the municipalities' stores.</summary>
internal static class FollowRequests
{
    /// <summary>A request as its own store holds it, for an index that misses it.</summary>
    internal sealed record Missing(Dossier Dossier, Person Person);

    // Events hold no person. An index that misses a request (platform.db restored from a backup) asks the request's store.
    public static async Task<Missing?> FindMissingAsync(AdviceRequested requested, ReceivedEvent received, CallScope<UwvStore, UwvPlatformStore> scope)
    {
        var id = Ids.Parse(requested.AdviceRequestId);
        return await scope.ReadPlatformAsync(session => session.HasRequest(id)) ? null : await scope.ReadAsync(session =>
        {
            var dossier = Dossier.Find(session, id)!;
            return new Missing(dossier, session.Persons.Get(dossier.PersonId));
        });
    }

    public static void Requested(AdviceRequested requested, Missing? missing, ReceivedEvent received, WriteSession<UwvPlatformStore> session)
    {
        if (missing is { } found)
        {
            session.Put(IndexedRequest.Of(found.Dossier, received.Municipality!.Value.Code, session.Persons.HashOf(found.Person.Bsn), claimId: null));
        }
        Follow(session, requested.AdviceRequestId, new Standing(AdviceState.Requested, requested.Outcome, Verdict.Unspecified, Ground.Unspecified, null, requested.Version));
    }

    public static void Assessed(AssessmentRecorded assessed, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, assessed.AdviceRequestId,
            new Standing(AdviceState.Assessed, Outcome: null, Verdict.Unspecified, Ground.Unspecified, null, assessed.Version));

    public static void Issued(AdviceIssued issued, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, issued.AdviceRequestId,
            new Standing(AdviceState.Issued, Outcome: null, issued.Verdict, issued.Ground, issued.IssuedOn.ToDateOnly(), issued.Version));

    public static void Withdrawn(AdviceWithdrawn withdrawn, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, withdrawn.AdviceRequestId,
            new Standing(AdviceState.Withdrawn, Outcome: null, Verdict.Unspecified, Ground.Unspecified, null, withdrawn.Version));

    private static void Follow(WriteSession<UwvPlatformStore> session, string adviceRequestId, Standing standing)
    {
        if (!session.Follow(Ids.Parse(adviceRequestId), standing))
        {
            throw new InvalidOperationException("An event about a request that the index never heard of.");
        }
    }
}
