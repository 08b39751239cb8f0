using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Who drops out before placement, some of them while a place is held for them.</summary>
internal sealed class Dropouts(SplitMix random)
{
    // Nobody gives up within two weeks of the advice, and everybody has been determined by then.
    private const int Earliest = 14;
    private const int OfferedOneIn = 3;

    private static readonly DropoutReason[] WithoutOffer =
        [DropoutReason.Illness, DropoutReason.Illness, DropoutReason.Moved, DropoutReason.Declined, DropoutReason.Deteriorated, DropoutReason.Other];

    // Not wanting an offered place is an answer to the offer, not a dropout.
    private static readonly DropoutReason[] WithOffer = [DropoutReason.Illness, DropoutReason.Moved, DropoutReason.Deteriorated];

    public void Play(List<Draft> positive, Quarter quarter, int count)
    {
        var pool = positive.Where(d => d.IsWaiting && d.IssuedOn < quarter.Last.AddDays(-Earliest) && d.Town.Code != Alternatives.NumberZero);
        foreach (var draft in random.Sample(pool, count))
        {
            var advised = draft.IssuedOn!.Value;
            var first = Days.Later(quarter.First, advised.AddDays(Earliest));
            var droppedOut = first.AddDays(random.Between(0, first.DaysUntil(quarter.Last)));
            draft.DeterminedOn = Days.Earlier(Outcomes.DrawDetermination(advised, random), droppedOut.AddDays(-1).WeekdayUpTo());
            draft.DroppedOutOn = droppedOut;
            draft.DropoutReason = random.Chance(1, OfferedOneIn) && TryOffer(draft, droppedOut)
                ? random.One(WithOffer)
                : random.One(WithoutOffer);
        }
    }

    private bool TryOffer(Draft draft, DateOnly droppedOut)
    {
        var offered = droppedOut.AddDays(-random.Between(3, 10)).WeekdayUpTo();
        if (offered < draft.DeterminedOn) return false;
        var place = new Reservation(offered, Days.Later(offered.AddDays(14), droppedOut.AddDays(1)).MondayFrom(), random.One(Placements.Minutes))
        {
            HoldsUntil = droppedOut,
        };
        if (!draft.Town.TryHold(place)) return false;
        draft.Offer = place;

        // Some had said yes already; the others never answer.
        var answer = offered.AddDays(random.Between(2, 7));
        draft.Accepted = answer < droppedOut;
        draft.AnsweredOn = draft.Accepted ? answer : null;
        return true;
    }
}
