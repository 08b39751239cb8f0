namespace BeschutWerk.Sector.Numbers;

/// <summary>
/// Which number of a ministerial regulation holds on a day (Participatiewet 10b lid 4). It is the one place that says it:
/// the ledger of a municipality, the list of numbers and the national figures all ask here.
/// </summary>
public static class NumberRule
{
    /// <summary>
    /// Of the regulations of the day's year that hold on the day, the one that was published last. Of two published on one day
    /// the one imported last; of two numbers of one regulation the one recorded last.
    /// </summary>
    /// <param name="numbers">Numbers of one municipality, in any order: all that were recorded until the instant that is asked for.</param>
    /// <param name="publication">What decides about a number.</param>
    /// <param name="day">The day.</param>
    /// <returns>The number that holds; null when none does.</returns>
    public static T? HoldingOn<T>(IEnumerable<T> numbers, Func<T, Publication> publication, DateOnly day) where T : class
    {
        T? holding = null;
        var last = default(Publication);
        foreach (var number in numbers)
        {
            var found = publication(number);
            if (found.Year != day.Year || found.EffectiveFrom > day) continue;
            if (holding is not null && Rank(found).CompareTo(Rank(last)) < 0) continue;
            (holding, last) = (number, found);
        }

        return holding;
    }

    private static (DateOnly, Guid, DateTimeOffset) Rank(Publication publication) =>
        (publication.PublishedOn, publication.RegulationId, publication.RecordedAt);
}
