using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Faults;

/// <summary>
/// The files of most municipalities are damaged, each in another way: while the service is stopped, while it runs, and after it was killed
/// with commits in its write-ahead logs. Each answer is compared with that of before: it is the same, or the store is out of service. The
/// municipalities whose files are sound go on.
/// </summary>
internal sealed class DamagedFiles : Fault
{
    private const int CasesEach = 8;

    /// <summary>Municipalities whose files are left alone.</summary>
    private const int Sound = 2;

    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(1);
    private static readonly string[] Tables = ["store", "events", "cases", "case_facts", "standings", "persons", "requests"];

    private readonly ConcurrentBag<string> _broken = [];
    private readonly Dictionary<string, byte[]> _sound = [];
    private readonly Figures _noticed = new("s");
    private int _next, _mutations, _harmless, _unnoticedBySqlite, _filesAtRest;

    public override string Id => "F8";

    public override string What => "files damaged, cut off, deleted";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var random = new Random(extent.Seed);
        await using var country = await Country.FoundAsync(scenery.Platform, extent.Of(42, Country.Most), CasesEach);
        await country.StopAsync();
        foreach (var code in country.Municipalities) _sound[code] = File.ReadAllBytes(country.FileOf(code));
        _next = CasesEach;
        for (var round = 0; round < extent.Of(1, 2); round++)
        {
            await AtRestAsync(country, random);
            await RunningAsync(country, random);
            await AfterAKillAsync(country, random);
        }

        if (extent.Nightly && _noticed.Max > Bar.TotalSeconds) _broken.Add($"a store was put out of service {_noticed.Max:0.00} s after it was asked");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{_mutations} mutations: {_noticed.Count} stores out of service, {_harmless} answered as before; from the question to the refusal {_noticed}; without checks of pages SQLite would have read other rows from {_unnoticedBySqlite} of {_filesAtRest} files"),
            [.. _broken.Take(50)]);
    }

    /// <summary>Damaged while nobody has the file open.</summary>
    private async Task AtRestAsync(Country country, Random random)
    {
        country.PutBack(_sound);
        var truth = await TruthAsync(country);
        await country.StopAsync();
        var done = new Dictionary<string, string>();
        foreach (var code in country.Municipalities.Skip(Sound))
        {
            var before = RowsOf(country.FileOf(code));
            done[code] = Damage.Do(country.FileOf(code), random);
            _filesAtRest++;
            if (File.Exists(country.FileOf(code)) && RowsOf(country.FileOf(code)) is { } rows && rows != before) _unnoticedBySqlite++;
        }

        await country.StartAsync();
        await CompareAsync(country, truth, done);
        await country.KillAsync();
    }

    /// <summary>Damaged while the service has it open, with commits in the log that are not in the file yet.</summary>
    private async Task RunningAsync(Country country, Random random)
    {
        country.PutBack(_sound);
        await country.StartAsync();
        await OpenEachAsync(country);
        var truth = Digests(await country.AskAllAsync());
        var done = new Dictionary<string, string>();
        foreach (var code in country.Municipalities.Skip(Sound))
        {
            // Not the index of the log: as long as the service runs, that is its memory.
            var path = country.FileOf(code) + (random.Next(2) == 0 ? "" : "-wal");
            done[code] = Damage.Do(path, random);
        }

        await CompareAsync(country, truth, done);
        // What is acknowledged now is found again at the next start, or the store is known to be damaged then.
        var acknowledged = new ConcurrentDictionary<string, string>();
        await country.EachAsync(done.Keys, async code =>
        {
            try
            {
                acknowledged[code] = await country.OpenCaseAsync(code, _next + 1);
            }
            catch (RpcException refused)
            {
                RequireQuarantine(code, done[code], new Answered(null, refused, TimeSpan.Zero), "a write");
            }
        });
        _next += 2;
        await country.KillAsync();
        await country.StartAsync();
        await country.EachAsync(acknowledged, async written =>
        {
            try
            {
                if (!(await country.CasesAsync(written.Key)).Contains(written.Value)) _broken.Add($"{written.Key}, {done[written.Key]} while it ran: a case that was acknowledged is lost");
            }
            catch (RpcException refused)
            {
                RequireQuarantine(written.Key, done[written.Key], new Answered(null, refused, TimeSpan.Zero), "the next start");
            }
        });
        await country.KillAsync();
    }

    /// <summary>Damaged after a kill: commits lie in the log, and nothing but the log tells that they were made.</summary>
    private async Task AfterAKillAsync(Country country, Random random)
    {
        country.PutBack(_sound);
        await country.StartAsync();
        await OpenEachAsync(country);
        var truth = Digests(await country.AskAllAsync());
        await country.KillAsync();
        var done = country.Municipalities.Skip(Sound).ToDictionary(code => code, code =>
        {
            var part = random.Next(8) switch { < 5 => "-wal", 5 => "-shm", 6 => "-mark", _ => "" };
            return Damage.Do(country.FileOf(code) + part, random);
        });
        await country.StartAsync();
        await CompareAsync(country, truth, done);
        await country.KillAsync();
    }

    /// <summary>Every answer is what it was, or a refusal that says what to do; and the status names those that are out of service.</summary>
    private async Task CompareAsync(Country country, Dictionary<string, string?> truth, Dictionary<string, string> done)
    {
        _mutations += done.Count;
        var answers = await country.AskAllAsync();
        foreach (var (code, answer) in answers)
        {
            var what = done.GetValueOrDefault(code, "sound");
            if (answer.Refusal is null)
            {
                if (answer.Digest != truth[code]) _broken.Add($"{code}, {what}: an answer is not what it was");
                else if (done.ContainsKey(code)) _harmless++;
                continue;
            }

            if (!done.ContainsKey(code)) _broken.Add($"{code}, whose file is sound: {answer.Refusal.Status}");
            else if (RequireQuarantine(code, what, answer, "a question")) _noticed.Add(answer.Took.TotalSeconds);
        }

        var refused = answers.Where(answer => answer.Value.Refusal is not null).Select(answer => $"{Country.Service}/{answer.Key}").Order().ToList();
        var status = await country.StatusAsync();
        var named = status.Quarantined.Select(store => store.Store).Order().ToList();
        Add(refused.Except(named).Select(store => $"{store} refuses, and the status does not name it"));
        Add(status.Quarantined.Where(store => !store.Why.Contains("bw restore", StringComparison.Ordinal)).Select(store => $"the status says no command for {store.Store}: {store.Why}"));
        foreach (var code in country.Municipalities.Take(Sound)) await country.OpenCaseAsync(code, _next++);
    }

    private bool RequireQuarantine(string code, string what, Answered answer, string asked)
    {
        if (answer.Reason == ErrorReason.StoreQuarantined && answer.Refusal!.Status.Detail.Contains($"bw restore {code} --service {Country.Service}", StringComparison.Ordinal)) return true;
        _broken.Add($"{code}, {what}: {asked} is refused with {answer.Refusal!.Status}");
        return false;
    }

    private async Task<Dictionary<string, string?>> TruthAsync(Country country)
    {
        await country.StartAsync();
        return Digests(await country.AskAllAsync());
    }

    private Dictionary<string, string?> Digests(Dictionary<string, Answered> answers)
    {
        Add(answers.Where(answer => answer.Value.Refusal is not null).Select(answer => $"{answer.Key} does not answer before anything was done: {answer.Value.Refusal!.Status}"));
        return answers.ToDictionary(answer => answer.Key, answer => answer.Value.Digest);
    }

    /// <summary>A commit in each log.</summary>
    private async Task OpenEachAsync(Country country)
    {
        var number = _next++;
        await country.EachAsync(country.Municipalities, code => country.OpenCaseAsync(code, number));
    }

    private void Add(IEnumerable<string> broken)
    {
        foreach (var line in broken) _broken.Add(line);
    }

    /// <summary>What SQLite reads from the file when nobody compares its pages with their checks; null when it finds the damage by itself.</summary>
    private static string? RowsOf(string path)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var connection = new SqliteConnection($"Data Source=file:{path}?vfs=unix&immutable=1;Mode=ReadOnly;Pooling=False");
        try
        {
            connection.Open();
            foreach (var table in Tables)
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this program.
                command.CommandText = $"SELECT * FROM {table}";
#pragma warning restore CA2100
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    for (var column = 0; column < row.FieldCount; column++)
                    {
                        digest.AppendData(row.GetValue(column) is byte[] blob ? blob : Encoding.UTF8.GetBytes(Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture) + "|"));
                    }
                }
            }

            return Convert.ToHexString(digest.GetHashAndReset());
        }
        catch (Exception error) when (error is SqliteException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
