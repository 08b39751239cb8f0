using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Faults;

/// <summary>
/// A store is backed up under load and restored: it holds its backup exactly. A consumer then reads again what it lacks. Of a
/// producer is lost what came after the backup, which its clients report again under the same ids.
/// </summary>
internal sealed class Restored : Fault
{
    private const double Rate = 100;

    public override string Id => "F18";

    public override string What => "backup under load, restored, replayed";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var (backups, restores, restarts) = (new Figures("s"), new Figures("s"), scenery.Subscribers.Sum(subscriber => subscriber.Restarts));
        var broken = new List<string>();
        var lost = 0L;
        for (var round = 0; round < extent.Of(2, 10); round++)
        {
            var service = round % 2 == 0 ? "municipalities" : "swcompanies";
            lost += await RoundAsync(scenery, service, backups, restores, broken);
        }

        // Only the feed that was restored begins a new epoch, in which tokens of before are refused.
        restarts = scenery.Subscribers.Sum(subscriber => subscriber.Restarts) - restarts;
        if (restarts != (restores.Count + 1) / 2) broken.Add($"the municipality read its feed {restarts} times from the start for {(restores.Count + 1) / 2} restores of it");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{restores.Count} restores; backup {backups}; restore {restores}; {lost} events that were raised after a backup were lost with it, and every placement in them was reported again"),
            broken);
    }

    private static async Task<long> RoundAsync(Scenery scenery, string service, Figures backups, Figures restores, List<string> broken)
    {
        var (operations, municipality, reporter) = (scenery.Platform.Operations, Platform.Municipalities[0], scenery.Reporters[0]);
        scenery.Work(Rate);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var watch = Stopwatch.StartNew();
        var backup = (await operations.BackupStoreAsync(new BackupStoreRequest { Service = service, Municipality = municipality, RequestId = NewId() }, deadline: DateTime.UtcNow.AddSeconds(60))).Backup;
        backups.Add(watch.Elapsed.TotalSeconds);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await scenery.RestAsync();

        watch.Restart();
        var restored = await operations.RestoreStoreAsync(
            new RestoreStoreRequest { Service = service, Municipality = municipality, BackupId = backup.BackupId, RequestId = NewId(), Reason = "A fault run." }, deadline: DateTime.UtcNow.AddSeconds(60));
        restores.Add(watch.Elapsed.TotalSeconds);
        if (restored.Position != backup.Position) broken.Add($"{service} was restored to {restored.Position} instead of {backup.Position}");
        if (service == "swcompanies")
        {
            using var log = StoreFile.Of(scenery.Platform, service, municipality);
            var held = log.Rows("SELECT placement_id FROM placements", row => StoreFile.Id(row)).ToHashSet();
            if (log.Number("SELECT max(position) FROM events") != backup.Position) broken.Add($"{service} does not end at {backup.Position}");
            reporter.Forget(reporter.Accepted.Where(id => !held.Contains(id)));
        }

        scenery.Work(Rate);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await scenery.RestAsync();
        return restored.LostEvents;
    }

    private static string NewId() => Guid.CreateVersion7().ToString("D");
}
