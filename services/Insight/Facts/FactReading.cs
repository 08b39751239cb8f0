using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Insight.Facts;

/// <summary>The facts of a store as they were known at an instant: what was recorded later is left out, step by step.</summary>
internal static class FactReading
{
    public static FactSet Facts(this ReadSession<InsightStore> session, DateTimeOffset knownAt) => new(
        new Lazy<IReadOnlyList<Advice>>(() => [.. Advices(session.Store, knownAt)]),
        new Lazy<IReadOnlyList<Placement>>(() => [.. Placements(session.Store, knownAt)]),
        new Lazy<IReadOnlyList<QuotaNumber>>(() => [.. Numbers(session.Store, knownAt)]));

    /// <summary>How many events were applied: the same number, the same facts.</summary>
    public static long Revision(this ReadSession<InsightStore> session) =>
        (long)session.Command("SELECT COALESCE(SUM(applied), 0) FROM sources").ExecuteScalar()!;

    private static IEnumerable<Advice> Advices(InsightStore store, DateTimeOffset knownAt)
    {
        foreach (var row in store.Advices)
        {
            var received = row.ReceivedAt <= knownAt ? row.ReceivedOn : null;
            var issued = row.IssuedAt <= knownAt ? row.IssuedOn : null;
            if (received is null && issued is null) continue;
            yield return new Advice(
                row.Municipality, row.CaseId ?? row.AdviceRequestId, row.Requester, received, issued, issued is null ? Verdict.Unspecified : row.Verdict);
        }
    }

    private static IEnumerable<Placement> Placements(InsightStore store, DateTimeOffset knownAt)
    {
        var changes = store.PlacementChanges.OrderBy(change => change.PlacementId).ThenBy(change => change.Version).AsEnumerable()
            .Where(change => change.RecordedAt <= knownAt).ToLookup(change => change.PlacementId);
        foreach (var row in store.Placements)
        {
            if (row.ReportedAt > knownAt) continue;
            var lastDay = row.LastDay;
            var hours = new List<Hours>(1) { new(row.StartOn, row.MinutesPerWeek) };
            var wasNever = false;
            foreach (var change in changes[row.PlacementId])
            {
                lastDay = change.LastDay;
                wasNever |= change.EndReason == EndReason.Correction;
                if (change is { FromOn: { } from, MinutesPerWeek: { } minutes }) hours.Add(new Hours(from, minutes));
            }

            if (!wasNever) yield return new Placement(row.Municipality, row.CaseId, row.StartOn, lastDay ?? DateOnly.MaxValue, hours);
        }
    }

    private static IEnumerable<QuotaNumber> Numbers(InsightStore store, DateTimeOffset knownAt) => store.QuotaNumbers.AsEnumerable()
        .Where(row => row.PublishedAt <= knownAt)
        .Select(row => new QuotaNumber(row.Municipality, row.Year, row.EffectiveFrom, row.PublishedAt, row.Number, row.CountingUnit, row.Origin));
}
