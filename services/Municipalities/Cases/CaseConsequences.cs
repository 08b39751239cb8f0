using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// What follows from the facts of a case and others are told: places that are free, dropouts at work, duties that work leaves
/// behind. Compared with what was told before, so that each is told once. Of a place it is told too when it no longer follows; a
/// dropout or a duty is taken back by the correction of the end that made it.
/// </summary>
public static class CaseConsequences
{
    /// <summary>What must be told now, in the order in which it is told.</summary>
    /// <param name="history">All facts, and what was told of them before.</param>
    /// <param name="today">The day: what time alone will change later is not told before.</param>
    public static IEnumerable<IMessage> Of(CaseHistory history, DateOnly today) =>
        [.. Places(history, today), .. Dropouts(history)];

    /// <summary>
    /// The day from which a place is owed because work ended, when that is so today and was not weighed before: a duty is told once,
    /// on the day on which it becomes known. One that was met before anybody knew of it is not told.
    /// </summary>
    /// <param name="history">All facts, and what was told of them before.</param>
    /// <param name="before">The history as it was known before; null when nothing is new but the day.</param>
    /// <param name="weighedUntil">Of what was known before, days before this one were weighed.</param>
    /// <param name="today">The day.</param>
    public static DateOnly? NewDuty(CaseHistory history, CaseHistory? before, DateOnly weighedUntil, DateOnly today)
    {
        var now = history.At(today);
        if (!now.DutyOpen || history.Course.Duties.Where(day => day <= today).Cast<DateOnly?>().Max() is not { } duty) return null;
        if (duty < now.DeterminedOn || ((before ?? history).Course.Duties.Contains(duty) && duty < weighedUntil)) return null;
        return history.Told<DutyToOfferArose>().Any(told => told.AroseOn.ToDateOnly() == duty) ? null : duty;
    }

    /// <summary>The last day that was told from which the place of an offer was free, taken back or not; null when none was.</summary>
    public static DateOnly? LastFreed(CaseHistory history, string offerId) =>
        history.Told<PlaceFreed>().LastOrDefault(freed => freed.OfferId == offerId)?.FreedFrom.ToDateOnly();

    private static IEnumerable<IMessage> Places(CaseHistory history, DateOnly today)
    {
        var caseId = history.Identity.CaseId.Text();
        foreach (var offer in history.Course.Offers)
        {
            // A place that nobody gave up is free when its day has come; until then a renewal keeps it.
            var freed = offer.FreedFrom is { } from && (from <= today || IsGivenUp(history, offer)) ? offer.FreedFrom : null;
            var (told, isDoubted) = Told(history, offer.OfferId.Text());
            if (freed == told && !isDoubted) continue;
            yield return freed is { } day
                ? new PlaceFreed { CaseId = caseId, OfferId = offer.OfferId.Text(), FreedFrom = day.ToDate() }
                : new PlaceTakenAgain { CaseId = caseId, OfferId = offer.OfferId.Text() };
        }
    }

    /// <summary>Whether somebody said that the place is free, by an act or by the end of the last placement on it.</summary>
    private static bool IsGivenUp(CaseHistory history, OfferView offer) =>
        offer.State != OfferState.Lapsed || history.Placements
            .Where(placement => placement.OfferId == offer.OfferId && placement.Stops == offer.FreedFrom)
            .All(placement => placement.Record.End is not null);

    /// <summary>What was told last of a place that is free; in doubt since an act on its offer was taken back.</summary>
    private static (DateOnly? From, bool IsDoubted) Told(CaseHistory history, string offerId)
    {
        (DateOnly? From, bool IsDoubted) told = (null, false);
        foreach (var fact in history.Facts)
        {
            if (fact.Data is PlaceFreed freed && freed.OfferId == offerId) told = (freed.FreedFrom.ToDateOnly(), false);
            else if (fact.Data is PlaceTakenAgain taken && taken.OfferId == offerId) told = (null, false);
            else if (fact.Data is ActTakenBack act && act.OfferId == offerId) told.IsDoubted = told.From is not null;
        }

        return told;
    }

    private static List<CandidateDroppedOut> Dropouts(CaseHistory history)
    {
        // A case that was joined told its own under another id.
        var told = history.Told<CandidateDroppedOut>().Select(dropped => new CandidateDroppedOut(dropped) { CaseId = history.Identity.CaseId.Text() }).ToList();
        var untold = history.Course.Dropouts.Where(dropped => !told.Contains(dropped)).ToList();
        // The last word is the latest dropout: told again when an earlier one is told after it, or when it was corrected to and fro.
        var lastTold = untold.LastOrDefault() ?? told.LastOrDefault(dropped => dropped.Phase == DropoutPhase.AfterPlacement);
        return history.Course.Dropouts is [.., var latest] && !latest.Equals(lastTold) ? [.. untold, latest] : untold;
    }
}
