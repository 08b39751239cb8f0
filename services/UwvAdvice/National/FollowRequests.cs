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
        var isKnown = await scope.ReadPlatformAsync(session => session.Store.FindRequest(id) is not null);
        return isKnown ? null : await scope.ReadAsync(session =>
        {
            var dossier = session.Store.FindDossier(id)!;
            return new Missing(dossier, session.Persons.Get(dossier.PersonId));
        });
    }

    public static void Requested(AdviceRequested requested, Missing? missing, ReceivedEvent received, WriteSession<UwvPlatformStore> session)
    {
        var row = session.Store.FindRequest(Ids.Parse(requested.AdviceRequestId));
        if (row is null)
        {
            var (dossier, person) = missing ?? throw new InvalidOperationException("The index lost a request while it followed it.");
            row = IndexedRequest.Of(dossier, received.Municipality!.Value.Code, session.Persons.HashOf(person.Bsn), claimId: null);
            session.Store.IndexedRequests.Add(row);
        }
        NationalIndex.Follow(row, new Standing(AdviceState.Requested, requested.Outcome, Verdict.Unspecified, Ground.Unspecified, null, requested.Version));
    }

    public static void Assessed(AssessmentRecorded assessed, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, assessed.AdviceRequestId, row =>
            new Standing(AdviceState.Assessed, row.Outcome, Verdict.Unspecified, Ground.Unspecified, null, assessed.Version));

    public static void Issued(AdviceIssued issued, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, issued.AdviceRequestId, row =>
            new Standing(AdviceState.Issued, row.Outcome, issued.Verdict, issued.Ground, issued.IssuedOn.ToDateOnly(), issued.Version));

    public static void Withdrawn(AdviceWithdrawn withdrawn, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, withdrawn.AdviceRequestId, row =>
            new Standing(AdviceState.Withdrawn, row.Outcome, Verdict.Unspecified, Ground.Unspecified, null, withdrawn.Version));

    private static void Follow(WriteSession<UwvPlatformStore> session, string adviceRequestId, Func<IndexedRequest, Standing> standing)
    {
        var row = session.Store.FindRequest(Ids.Parse(adviceRequestId))
            ?? throw new InvalidOperationException("An event about a request that the index never heard of.");
        NationalIndex.Follow(row, standing(row));
    }
}
