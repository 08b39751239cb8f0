using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>What a claim on a person found.</summary>
/// <param name="ClaimId">The claim that stands for the request now.</param>
/// <param name="EarlierAdviceOn">Day of the latest advice for this person on or before the day of receipt.</param>
/// <param name="Held">Another request that, as far as known here, runs for this person; then nothing was claimed.</param>
internal sealed record Claim(Guid ClaimId, DateOnly? EarlierAdviceOn, HeldBy? Held = null);

/// <summary>A request that holds a person, and the claim by which, until it is known to be stored.</summary>
internal sealed record HeldBy(Guid AdviceRequestId, string Municipality, Guid? ClaimId);

/// <summary>
/// The index of persons over all municipalities. A claim is written before the request itself, so that a person has one
/// running request in the country whatever dies in between; the platform store's one writer puts claims in order.
/// </summary>
internal static class NationalIndex
{
    /// <summary>Claims the person for a request, or says which other request holds them. Repeating it changes nothing.</summary>
    public static Claim Take(WriteSession<UwvPlatformStore> session, IndexedRequest wanted, Guid? previous)
    {
        var known = session.RequestsOf(wanted.PersonHash);
        // A refusal would tell: of what may not be told to who asks, both requests run, and UWV sees both.
        if (known.Find(row => row.IsRunning && row.AdviceRequestId != wanted.AdviceRequestId && IsToldTo(wanted, row)) is { } other)
        {
            return new Claim(default, null, new HeldBy(other.AdviceRequestId, other.Municipality, other.ClaimId));
        }
        RequirePrevious(known, wanted, previous);

        var claimed = session.FindRequest(wanted.AdviceRequestId);
        if (claimed is not null && !claimed.PersonHash.AsSpan().SequenceEqual(wanted.PersonHash))
        {
            throw Refusal.Of(ErrorReason.RequestIdReused, "This request_id claimed another person.").ToException();
        }
        wanted.ClaimId = claimed?.ClaimId ?? wanted.ClaimId;
        if (claimed is null or { ClaimId: not null })
        {
            wanted.Recognised = true;
            session.Put(wanted);
            if (claimed is not { Recognised: true })
            {
                Recognition.Tell(session, wanted.AdviceRequestId, wanted.PersonHash);
                if (known.Exists(row => row.Municipality != wanted.Municipality))
                {
                    Recognition.TellLinks(session, wanted.PersonHash);
                }
            }
        }

        var earlier = known.Where(row => row.AdviceRequestId != wanted.AdviceRequestId && row.IssuedOn <= wanted.ReceivedOn).Max(row => row.IssuedOn);
        return new Claim(wanted.ClaimId!.Value, earlier);
    }

    /// <summary>Brings a request up to what its own store says; what is not there disappears.</summary>
    public static void Settle(WriteSession<UwvPlatformStore> session, HeldBy held, RequestState? truth)
    {
        if (truth is not null)
        {
            session.Follow(held.AdviceRequestId, truth);
        }
        else
        {
            session.Forget(held.AdviceRequestId, held.ClaimId);
        }
    }

    // A repeat follows an advice of the same person; a fall-back a positive one, or there was no sheltered work to leave.
    private static void RequirePrevious(List<IndexRows.OfPerson> known, IndexedRequest wanted, Guid? previous)
    {
        if (previous is null)
        {
            return;
        }
        var row = known.Find(row => row.AdviceRequestId == previous && (row.State == AdviceState.Issued || IsToldTo(wanted, row))) ?? throw Refusal.NotFound("previous advice request").ToException();
        if (row.State != AdviceState.Issued)
        {
            throw Refusal.Of(ErrorReason.StateForbids, "The previous request ended without an advice.").ToException();
        }
        if (wanted.Kind == AdviceKind.Fallback && row.Verdict != Verdict.Positive)
        {
            throw Refusal.Of(ErrorReason.StateForbids, "A fall-back follows a positive advice.").ToException();
        }
    }

    private static bool IsToldTo(IndexedRequest wanted, IndexRows.OfPerson row) => row.MayBeToldTo(wanted.Requester, wanted.Municipality);
}
