using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Numbers;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.Insight.Facts;

/// <summary>The facts of a store as they were known at an instant: what was recorded later is left out, step by step.</summary>
internal static class FactReading
{
    public static FactSet Facts(this ReadSession<InsightStore> session, DateTimeOffset knownAt) =>
        Known(RowsOf(session.Store), PersonsOfFacts.Of(session.Store), knownAt);

    /// <summary>The same for several instants, with a case for a person; the rows are read once.</summary>
    public static Func<DateTimeOffset, FactSet> FactsOfCases(this ReadSession<InsightStore> session)
    {
        var advices = new Lazy<List<AdviceRow>>(() => [.. session.Store.Advices]);
        var placements = new Lazy<List<PlacementRow>>(() => [.. session.Store.Placements]);
        var changes = new Lazy<List<PlacementChangeRow>>(() => [.. session.Store.PlacementChanges]);
        var numbers = new Lazy<List<QuotaNumberRow>>(() => [.. session.Store.QuotaNumbers]);
        var rows = new Rows(() => advices.Value, () => placements.Value, () => changes.Value, () => numbers.Value);
        return knownAt => Known(rows, PersonsOfFacts.Unrecognised, knownAt);
    }

    /// <summary>How many events were applied: the same number, the same facts.</summary>
    public static long Revision(this ReadSession<InsightStore> session) =>
        (long)session.Command("SELECT COALESCE(SUM(applied), 0) FROM sources").ExecuteScalar()!;

    /// <summary>What a store keeps of facts.</summary>
    private sealed record Rows(
        Func<IEnumerable<AdviceRow>> Advices, Func<IEnumerable<PlacementRow>> Placements,
        Func<IEnumerable<PlacementChangeRow>> PlacementChanges, Func<IEnumerable<QuotaNumberRow>> QuotaNumbers);

    private static Rows RowsOf(InsightStore store) =>
        new(() => store.Advices, () => store.Placements, () => store.PlacementChanges, () => store.QuotaNumbers);

    private static FactSet Known(Rows rows, Lazy<PersonsOfFacts> persons, DateTimeOffset knownAt) => new(
        new Lazy<IReadOnlyList<Advice>>(() => [.. Advices(rows, persons.Value, knownAt)]),
        new Lazy<IReadOnlyList<Placement>>(() => [.. Placements(rows, persons.Value, knownAt)]),
        new Lazy<IReadOnlyList<QuotaNumber>>(() => [.. Numbers(rows, knownAt)]));

    private static IEnumerable<Advice> Advices(Rows rows, PersonsOfFacts persons, DateTimeOffset knownAt)
    {
        foreach (var row in rows.Advices())
        {
            var received = row.ReceivedAt <= knownAt ? row.ReceivedOn : null;
            var issued = row.IssuedAt <= knownAt ? row.IssuedOn : null;
            if (received is null && issued is null) continue;
            yield return new Advice(
                row.Municipality, persons.OfRequest(row.AdviceRequestId, row.CaseId), row.Requester, received, issued, issued is null ? Verdict.Unspecified : row.Verdict)
            {
                IsHidden = row.NotShared && issued is null,
            };
        }
    }

    private static IEnumerable<Placement> Placements(Rows rows, PersonsOfFacts persons, DateTimeOffset knownAt)
    {
        var changes = rows.PlacementChanges().Where(change => change.RecordedAt <= knownAt)
            .ToLookup(change => (change.Municipality, change.PlacementId), change => change.AsChange());
        foreach (var row in rows.Placements())
        {
            if (row.ReportedAt <= knownAt) yield return Placed(row, changes[(row.Municipality, row.PlacementId)]) with { Person = persons.OfCase(row.CaseId) };
        }
    }

    private static IEnumerable<QuotaNumber> Numbers(Rows rows, DateTimeOffset knownAt)
    {
        var known = rows.QuotaNumbers().Where(row => row.RecordedAt <= knownAt).ToList();
        var toldAgain = known.Where(row => row.PublishedOn is not null).ToLookup(KeyBeforeIds);
        return known.Select(row =>
            new QuotaNumber(row.Municipality, PublicationOf(row, toldAgain), row.Number, row.CountingUnit, row.Origin));
    }

    /// <summary>
    /// Events did not always say which regulation it was and when it was published. Told again since, it is that one; else the
    /// day of recording stands for the day of publication.
    /// </summary>
    private static Publication PublicationOf(QuotaNumberRow row, ILookup<(string, int, DateOnly, string), QuotaNumberRow> toldAgain)
    {
        var named = row.PublishedOn is null ? toldAgain[KeyBeforeIds(row)].MinBy(again => again.RegulationId) ?? row : row;
        var publishedOn = named.PublishedOn ?? Days.DayOf(row.RecordedAt);
        return new Publication(row.Year, publishedOn, row.EffectiveFrom, named.RegulationId, row.RecordedAt);
    }

    /// <summary>By what a regulation is known whose event does not name it.</summary>
    private static (string Municipality, int Year, DateOnly EffectiveFrom, string Source) KeyBeforeIds(QuotaNumberRow row) =>
        (row.Municipality, row.Year, row.EffectiveFrom, row.Source);

    /// <summary>A placement by its report and what was told after it; the person is the case.</summary>
    internal static Placement Placed(PlacementRow row, IEnumerable<PlacementChange> changes) =>
        new(row.Municipality, row.CaseId, PlacementRecord.Of(row.StartOn, row.LastDay ?? DateOnly.MaxValue, row.MinutesPerWeek, changes));
}
