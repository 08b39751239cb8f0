using Microsoft.Data.Sqlite;

namespace BeschutWerk.Bench;

/// <summary>
/// B1, B2, B20 and B21, against the raw loop: the same rows go to the platform, to the loop with the driver's default pragmas (a)
/// and to the loop with the platform's pragmas (b); in every second round in reverse order.
/// </summary>
internal sealed class StorageBenchmarks : IAsyncDisposable
{
    private const int RowsPerCommit = 1000;
    private const int RowsPerEvent = 100;
    private const int Callers = 32;
    private const int SyncedBulkRows = 20_000, SyncedUnaryRows = 2000;

    /// <summary>Placements of a round while the other services apply them in the same process; they take longer than the intake.</summary>
    private const int EmbeddedRows = 5000;
    private const int EmbeddedRounds = 3;

    private readonly Bench _bench;
    private readonly BenchSettings _settings;
    private readonly Server _server;
    private readonly Reporter _platform;
    private readonly Workload _workload;
    private readonly RawLoop _default;
    private readonly RawLoop _tuned;
    private bool _stopped;

    private StorageBenchmarks(Bench bench, Server server, Workload workload, RawLoop byDefault, RawLoop tuned) =>
        (_bench, _settings, _server, _platform, _workload, _default, _tuned) = (bench, bench.Settings, server, new Reporter(server), workload, byDefault, tuned);

    public static async Task RunAsync(Bench bench, IReadOnlyCollection<string> asked)
    {
        await using var benchmarks = await PrepareAsync(bench);
        if (asked.Any(name => name != "B2")) bench.Results.AddRange(await benchmarks.BulkAsync());
        if (asked.Contains("B2")) bench.Results.AddRange(await benchmarks.UnaryAsync());
        if (bench.Settings.Strace) bench.Results.AddRange(await benchmarks.SyncsAsync());
        await benchmarks.CompareFilesAsync();
    }

    private static async Task<StorageBenchmarks> PrepareAsync(Bench bench)
    {
        var server = await bench.StartServerAsync();
        try
        {
            var workload = new Workload(await server.SetSceneAsync(bench.Settings.Candidates));
            var ours = await server.AskAsync<Dictionary<string, string>>("pragmas");
            var byDefault = new RawLoop(bench.FolderOf("raw-default.db"), pragmas: null);
            var tuned = new RawLoop(
                bench.FolderOf("raw-tuned.db"),
                $"PRAGMA synchronous = {ours["synchronous"]}; PRAGMA cache_size = {ours["cache_size"]}; PRAGMA wal_autocheckpoint = {ours["wal_autocheckpoint"]}; PRAGMA temp_store = {ours["temp_store"]}");
            foreach (var (who, values) in new[] { ("platform", ours), ("raw (a), default pragmas", Pragmas.Read(byDefault.Connection)), ("raw (b), our pragmas", Pragmas.Read(tuned.Connection)) })
            {
                Pragmas.RequireDurable(who, values);
                bench.Pragmas[who] = values;
            }

            var benchmarks = new StorageBenchmarks(bench, server, workload, byDefault, tuned);
            await benchmarks.FillAsync();
            return benchmarks;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>B1, B20 and B21: the bulk stream.</summary>
    private async Task<List<Result>> BulkAsync()
    {
        var embedded = await MeasureAsync(EmbeddedRounds, EmbeddedRows, BulkRoundAsync, _server.CaughtUpAsync);
        // From here on it is as when the other services run elsewhere: their share of the processor is not the intake's.
        await _server.AskAsync<bool>("hold");
        var rounds = await MeasureAsync(_settings.Rounds, _settings.BulkRows, BulkRoundAsync);
        var rates = rounds.Select(round => round.Rate).ToList();
        return
        [
            Result.Against("B1 (a)", "bulk stream ÷ raw loop, 1,000 rows a commit, default pragmas", "rows/s", rates, rounds.Select(round => round.DefaultRate), 1.0, 1.4),
            Result.Against("B1 (b)", "bulk stream ÷ the same loop with our pragmas", "rows/s", rates, rounds.Select(round => round.TunedRate), 0.75, 1.05),
            Result.Against(
                "B1 embedded", "as (a), while Municipalities and Insight apply the same placements in the same process", "rows/s",
                embedded.Select(round => round.Rate), embedded.Select(round => round.DefaultRate)),
            Result.Alone("B20", "allocated by the server per placement, bulk", "bytes", rounds.Select(round => round.Allocated), 1500, 400, lowerIsBetter: true),
            Result.Alone("B21", "processor time of the server per 1,000 placements, bulk", "s", rounds.Select(round => round.ServerCpu), null, 0.03, lowerIsBetter: true),
            Result.Alone("B21 client", "processor time of the client per 1,000 placements, bulk", "s", rounds.Select(round => round.ClientCpu), lowerIsBetter: true),
        ];
    }

    /// <summary>B2: one placement a call.</summary>
    private async Task<List<Result>> UnaryAsync()
    {
        await _server.AskAsync<bool>("hold");
        var rounds = await MeasureAsync(_settings.Rounds, _settings.UnaryRows, UnaryRoundAsync);
        var rates = rounds.Select(round => round.Rate).ToList();
        return
        [
            Result.Against("B2", $"unary calls, {Callers} callers ÷ raw loop, one row a commit, default pragmas", "rows/s", rates, rounds.Select(round => round.DefaultRate), 2.5, 4),
            Result.Against("B2 (b)", "the same ÷ the loop with our pragmas", "rows/s", rates, rounds.Select(round => round.TunedRate)),
            Result.Alone("B21 unary", "processor time of the server per 1,000 placements, unary", "s", rounds.Select(round => round.ServerCpu), lowerIsBetter: true),
        ];
    }

    /// <summary>How often each side makes the disk write, in a short run of its own: strace slows everything down.</summary>
    private async Task<List<Result>> SyncsAsync()
    {
        var (many, few) = (_workload.Take(SyncedBulkRows), _workload.Take(SyncedUnaryRows));
        async Task<double> OursAsync(Func<Task> work)
        {
            var before = await _server.StatusAsync();
            var syncs = await Strace.CountSyncsAsync(_server.ProcessId, work);
            return (double)syncs / ((await _server.StatusAsync()).Commits - before.Commits);
        }

        async Task<double> PeerAsync(Row[] rows, int rowsPerCommit, int rowsPerEvent)
        {
            var events = Workload.Events(rows, rowsPerEvent);
            var syncs = await Strace.CountSyncsAsync(Environment.ProcessId, () => Task.Run(() =>
            {
                _default.Write(rows, rowsPerCommit, events, rowsPerEvent);
                _tuned.Write(rows, rowsPerCommit, events, rowsPerEvent);
            }));
            return syncs / (2.0 * rows.Length / rowsPerCommit);
        }

        const string what = "fsync per commit, counted by strace; beside it the two raw loops";
        return
        [
            Result.Against("B1 syncs", what, "", [await OursAsync(() => _platform.BulkAsync(many))], [await PeerAsync(many, RowsPerCommit, RowsPerEvent)]) with { Ratio = null, Bar = 1 },
            Result.Against("B2 syncs", what, "", [await OursAsync(() => _platform.UnaryAsync(few, Callers))], [await PeerAsync(few, 1, 1)]) with { Ratio = null, Bar = 1 },
        ];
    }

    /// <summary>Stops the server and holds the three files against each other: the same rows, or the figures mean nothing.</summary>
    private async Task CompareFilesAsync()
    {
        _stopped = true;
        await _server.DisposeAsync();
        var rows = Pragmas.Scalar(_default.Connection, "SELECT count(*) FROM placements");
        var events = Pragmas.Scalar(_default.Connection, "SELECT count(*) || ' of ' || sum(length(data)) || ' bytes' FROM events");
        foreach (var file in new[] { Path.Combine(_server.DataFolder, "swcompanies", Workload.Municipality + ".db"), _bench.FolderOf("raw-tuned.db") })
        {
            Attach(file);
            Require("SELECT count(*) FROM other.placements", rows, file);
            Require("SELECT count(*) FROM (SELECT * FROM placements EXCEPT SELECT * FROM other.placements)", "0", file);
            // The platform's log also holds that the contract was signed.
            Require("SELECT count(*) || ' of ' || sum(length(data)) || ' bytes' FROM other.events WHERE type = 'placements-reported'", events, file);
            Pragmas.Scalar(_default.Connection, "DETACH other");
        }

        _bench.Checks["placements in each of the three files"] = rows;
        _bench.Checks["events in each of the three files"] = events;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped) await _server.DisposeAsync();
        _default.Dispose();
        _tuned.Dispose();
    }

    private sealed record Round(double Rate, double DefaultRate, double TunedRate, double ServerCpu, double ClientCpu, double Allocated);

    private async Task<List<Round>> MeasureAsync(int count, int rows, Func<Row[], bool, Task<Round>> round, Func<Task>? after = null)
    {
        var rounds = new List<Round>();
        // The first is thrown away: code and caches become warm.
        for (var i = 0; i <= count; i++)
        {
            var measured = await round(_workload.Take(rows), i % 2 == 1);
            if (i > 0) rounds.Add(measured);
            if (after is not null) await after();
        }

        return rounds;
    }

    private Task<Round> BulkRoundAsync(Row[] rows, bool reversed) =>
        RoundAsync(rows, reversed, () => _platform.BulkAsync(rows), RowsPerCommit, RowsPerEvent);

    private Task<Round> UnaryRoundAsync(Row[] rows, bool reversed) =>
        RoundAsync(rows, reversed, () => _platform.UnaryAsync(rows, Callers), rowsPerCommit: 1, rowsPerEvent: 1);

    private async Task<Round> RoundAsync(Row[] rows, bool reversed, Func<Task<Measured>> platform, int rowsPerCommit, int rowsPerEvent)
    {
        var events = Workload.Events(rows, rowsPerEvent);
        var ours = default(Measured)!;
        var (byDefault, tuned) = (TimeSpan.Zero, TimeSpan.Zero);
        var sides = new List<Func<Task>>
        {
            async () => ours = await platform(),
            () => Task.Run(() => byDefault = _default.Write(rows, rowsPerCommit, events, rowsPerEvent)),
            () => Task.Run(() => tuned = _tuned.Write(rows, rowsPerCommit, events, rowsPerEvent)),
        };
        if (reversed) sides.Reverse();
        foreach (var side in sides)
        {
            // What one side left to collect is not the other's.
            GC.Collect();
            await side();
        }

        double Rate(TimeSpan time) => rows.Length / time.TotalSeconds;
        var thousands = rows.Length / 1000.0;
        return new Round(
            ours.Rate, Rate(byDefault), Rate(tuned),
            ours.ServerCpu.TotalSeconds / thousands, ours.ClientCpu.TotalSeconds / thousands, (double)ours.ServerAllocated / rows.Length);
    }

    private async Task FillAsync()
    {
        for (var left = _settings.StartRows; left > 0; left -= _settings.BulkRows)
        {
            await _server.AskAsync<bool>("hold");
            await BulkRoundAsync(_workload.Take(Math.Min(left, _settings.BulkRows)), reversed: false);
        }
    }

    private void Attach(string file)
    {
        using var attach = _default.Connection.CreateCommand();
        attach.CommandText = "ATTACH $file AS other";
        attach.Parameters.AddWithValue("$file", file);
        attach.ExecuteNonQuery();
    }

    private void Require(string sql, string expected, string file)
    {
        var found = Pragmas.Scalar(_default.Connection, sql);
        if (found != expected) throw new InvalidOperationException($"{file} does not hold what the raw loop wrote: {found} instead of {expected} by {sql}");
    }
}
