using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>The national index and work queue follow UWV's own events in the municipalities' stores.</summary>
internal static class FollowRequests
{
    /// <summary>A request as its own store holds it, for an index that misses it or its person.</summary>
    internal sealed record Held(Dossier Dossier, Person Person, TellingWhose Telling);

    // Events hold no person. An index that misses a request (platform.db restored from a backup) asks the request's store.
    public static async Task<Held?> FindMissingAsync(AdviceRequested requested, ReceivedEvent received, CallScope<UwvStore, UwvPlatformStore> scope)
    {
        var id = Ids.Parse(requested.AdviceRequestId);
        return await scope.ReadPlatformAsync(session => session.HasRequest(id)) ? null : await scope.ReadAsync(session =>
        {
            var dossier = Dossier.Find(session, id)!;
            return new Held(dossier, session.Persons.Get(dossier.PersonId), scope.Services.GetRequiredService<TellingWhose>());
        });
    }

    public static void Requested(AdviceRequested requested, Held? missing, ReceivedEvent received, WriteSession<UwvPlatformStore> session)
    {
        if (missing is { } found)
        {
            session.Put(IndexedRequest.Of(found.Dossier, received.Municipality!.Value.Code, session.Persons.HashOf(found.Person.Bsn), claimId: null));
            // Not here: what only listens raises nothing, and does not wait for the disk.
            session.AfterCommit(found.Telling.Wake);
        }
        Follow(session, requested.AdviceRequestId, new RequestState(AdviceState.Requested, requested.Outcome, Verdict.Unspecified, Ground.Unspecified, null, requested.Version));
    }

    public static void Assessed(AssessmentRecorded assessed, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, assessed.AdviceRequestId,
            new RequestState(AdviceState.Assessed, Outcome: null, Verdict.Unspecified, Ground.Unspecified, null, assessed.Version));

    public static void Issued(AdviceIssued issued, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, issued.AdviceRequestId,
            new RequestState(AdviceState.Issued, Outcome: null, issued.Verdict, issued.Ground, issued.IssuedOn.ToDateOnly(), issued.Version));

    // Who it is about now stands in the request's store only.
    public static Task<Held> FindCorrectedAsync(PersonCorrected corrected, ReceivedEvent received, CallScope<UwvStore, UwvPlatformStore> scope)
    {
        var id = Ids.Parse(corrected.AdviceRequestId);
        return scope.ReadAsync(session =>
        {
            var dossier = Dossier.Find(session, id)!;
            return new Held(dossier, session.Persons.Get(dossier.PersonId), scope.Services.GetRequiredService<TellingWhose>());
        });
    }

    public static void Corrected(PersonCorrected corrected, Held found, ReceivedEvent received, WriteSession<UwvPlatformStore> session)
    {
        var id = found.Dossier.AdviceRequestId;
        var (known, corrects) = (session.FindRequest(id) ?? throw NeverHeardOf(), session.Persons.HashOf(found.Person.Bsn));
        if (!known.PersonHash.AsSpan().SequenceEqual(corrects))
        {
            Recognition.Move(session, id, known.PersonHash, corrects);
        }
    }

    public static void Withdrawn(AdviceWithdrawn withdrawn, ReceivedEvent received, WriteSession<UwvPlatformStore> session) =>
        Follow(session, withdrawn.AdviceRequestId,
            new RequestState(AdviceState.Withdrawn, Outcome: null, Verdict.Unspecified, Ground.Unspecified, null, withdrawn.Version));

    private static void Follow(WriteSession<UwvPlatformStore> session, string adviceRequestId, RequestState state)
    {
        if (!session.Follow(Ids.Parse(adviceRequestId), state))
        {
            throw NeverHeardOf();
        }
    }

    private static InvalidOperationException NeverHeardOf() => new("An event about a request that the index never heard of.");
}
