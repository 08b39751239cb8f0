using System.Globalization;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Faults;

/// <summary>
/// What must hold whatever happened, (a) to (f) of the README, read from the files of the services and not from what they say
/// of themselves.
/// </summary>
internal sealed class Invariants(Platform platform, IReadOnlyList<Reporter> reporters, IReadOnlyList<Subscriber> subscribers)
{
    /// <summary>Who follows whose events of a municipality, and in which store.</summary>
    private static readonly (string Follower, string Producer, bool InPlatformStore)[] Following =
    [
        ("municipalities", "swcompanies", false), ("municipalities", "uwv", false), ("swcompanies", "municipalities", false),
        ("uwv", "municipalities", false), ("swcompanies", "municipalities", true),
        ("insight", "swcompanies", true), ("insight", "municipalities", true), ("insight", "uwv", true),
    ];

    /// <summary>Waits until every consumer has applied what every producer has logged, and every subscriber has got it.</summary>
    public async Task SettleAsync(TimeSpan limit)
    {
        var waiting = "";
        await Platform.Until(() => Task.FromResult((waiting = Waiting()).Length == 0), limit, () => $"everything is applied: {waiting}");
    }

    /// <summary>What does not hold; each line names the invariant.</summary>
    public List<string> Check()
    {
        var broken = subscribers.SelectMany(subscriber => subscriber.Broken).ToList();
        foreach (var file in StoreFile.All(platform))
        {
            using (file) CheckFile(file, broken);
        }

        foreach (var reporter in reporters) CheckPlacements(reporter, broken);
        broken.AddRange(reporters.SelectMany(reporter => reporter.Endings).Where(ended => ended.Reason == ErrorReason.Unexpected).Select(_ => "a stream ended with INTERNAL"));
        return [.. broken.Distinct()];
    }

    /// <summary>How many events each store has raised.</summary>
    public Dictionary<(string Producer, string Municipality), long> Logged() => Following.Select(following => following.Producer).Distinct()
        .SelectMany(_ => Platform.Municipalities, (producer, municipality) => (producer, municipality)).ToDictionary(store => store, store => OwnEvents(store.producer, store.municipality));

    /// <summary>Who has not applied so many yet; null when all have.</summary>
    public string? NotApplied(Dictionary<(string Producer, string Municipality), long> logged)
    {
        foreach (var (follower, producer, inPlatformStore) in Following)
        {
            foreach (var municipality in Platform.Municipalities)
            {
                var applied = Applied(follower, inPlatformStore ? "platform" : municipality, producer, municipality);
                if (applied < logged[(producer, municipality)]) return $"{follower} applied {applied} of {logged[(producer, municipality)]} of {producer}/{municipality}";
            }
        }

        return null;
    }

    /// <summary>Who has not applied or got what; empty when all have.</summary>
    public string Waiting()
    {
        if (NotApplied(Logged()) is { } late) return late;
        foreach (var subscriber in subscribers)
        {
            using var log = StoreFile.Of(platform, "municipalities", subscriber.Municipality);
            var all = log.Number("SELECT count(*) FROM events");
            if (subscriber.Count < all) return $"the feed of {subscriber.Municipality} told {subscriber.Count} of {all}";
        }

        return "";
    }

    private long OwnEvents(string service, string municipality)
    {
        if (!StoreFile.Exists(platform, service, municipality)) return 0;
        using var log = StoreFile.Of(platform, service, municipality);
        return log.Number("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0");
    }

    private long Applied(string follower, string origin, string producer, string municipality)
    {
        if (!StoreFile.Exists(platform, follower, origin)) return 0;
        using var store = StoreFile.Of(platform, follower, origin);
        return store.Number(
            "SELECT COALESCE(MAX(applied), 0) FROM sources WHERE source_id = (SELECT MAX(source_id) FROM sources WHERE service = $producer AND origin = $origin)",
            ("$producer", producer), ("$origin", municipality));
    }

    private static void CheckFile(StoreFile file, List<string> broken)
    {
        broken.AddRange(file.Rows("PRAGMA integrity_check", row => row.GetString(0)).Where(found => found != "ok").Select(found => $"(f) {file.Name}: {found}"));
        if (AuditCheck.Of(file.Command).Broken is { } altered) broken.Add($"(e) {file.Name}: {altered}");
        // Received events of services that keep them, and own ones: no hole, none twice, and in the order of their source.
        broken.AddRange(file.Rows(
            """
            SELECT source_id, count(*), min(sequence), max(sequence), count(DISTINCT event_id),
                   (SELECT count(*) FROM events AS earlier JOIN events AS later ON later.source_id = earlier.source_id AND later.sequence = earlier.sequence + 1
                    WHERE earlier.source_id = events.source_id AND later.position < earlier.position)
            FROM events GROUP BY source_id
            """,
            row => (Source: row.GetInt64(0), Count: row.GetInt64(1), First: row.GetInt64(2), Last: row.GetInt64(3), Ids: row.GetInt64(4), Swapped: row.GetInt64(5)))
            .Where(log => log.First != 1 || log.Last != log.Count || log.Ids != log.Count || log.Swapped > 0)
            .Select(log => $"(b, c) {file.Name}, source {log.Source}: {log.Count} events, {log.First} to {log.Last}, {log.Ids} ids, {log.Swapped} out of order"));
        broken.AddRange(file.Rows(
            "SELECT count(*), reason, min(subject) FROM parked GROUP BY reason",
            row => $"(b) {file.Name}: {row.GetInt64(0)} events are parked as {row.GetString(1)}, such as one about {row.GetString(2)}"));
    }

    private void CheckPlacements(Reporter reporter, List<string> broken)
    {
        var municipality = reporter.Municipality;
        using var company = StoreFile.Of(platform, "swcompanies", municipality);
        var stored = company.Rows("SELECT placement_id FROM placements", row => StoreFile.Id(row)).ToHashSet();
        Tell("(a)", "acknowledged, but not in the file", reporter.Accepted.Where(id => !stored.Contains(id)));
        Tell("(a, d)", "in the file, but never sent for this municipality", stored.Except(reporter.Accepted).Except(reporter.Unanswered));

        var told = company.Rows("SELECT data FROM events WHERE type = 'placements-reported'", row => PlacementsReported.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)))
            .SelectMany(reported => reported.Placements).Select(placement => Guid.Parse(placement.PlacementId)).ToList();
        Same("in the log of swcompanies", told);

        using var municipalities = StoreFile.Of(platform, "municipalities", municipality);
        Same("at work in Municipalities", municipalities.Rows("SELECT placement_id FROM standings WHERE placement_id IS NOT NULL AND superseded_at IS NULL", row => StoreFile.Id(row)));

        using var insight = StoreFile.Of(platform, "insight", "platform");
        Same("in Insight", insight.Rows("SELECT placement_id FROM placements WHERE municipality = $municipality", row => StoreFile.Id(row), ("$municipality", municipality)));

        void Same(string where, List<Guid> found)
        {
            Tell("(b)", $"stored, but not {where}", stored.Except(found));
            Tell("(b, d)", $"{where}, but not stored", found.Except(stored));
            Tell("(b)", $"more than once {where}", found.CountBy(id => id).Where(id => id.Value > 1).Select(id => id.Key));
        }

        void Tell(string invariant, string what, IEnumerable<Guid> ids)
        {
            var which = ids.Take(1000).ToList();
            if (which.Count > 0) broken.Add(string.Create(CultureInfo.InvariantCulture, $"{invariant} {municipality}: {which.Count} placements {what}, such as {which[0]}"));
        }
    }

    /// <summary>How many placements of how many events were looked at.</summary>
    public string Extent()
    {
        var events = Platform.Municipalities.Sum(municipality => OwnEvents("swcompanies", municipality));
        return string.Create(CultureInfo.InvariantCulture, $"{reporters.Sum(reporter => reporter.AcceptedCount):N0} placements acknowledged, {events:N0} events, {SplitServices.Names.Count} services");
    }
}
