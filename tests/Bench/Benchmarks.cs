using BeschutWerk.Contracts.SwCompanies;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Rounds of each benchmark; a first one beside them is thrown away.</param>
/// <param name="BulkRows">Placements of a round of B1.</param>
/// <param name="UnaryRows">Placements of a round of B2.</param>
/// <param name="StartRows">Placements in every file before the first round.</param>
/// <param name="Candidates">Candidates that share the placements.</param>
internal sealed record BenchSettings(int Rounds, int BulkRows, int UnaryRows, int StartRows, int Candidates);

/// <summary>
/// The benchmarks against the raw loop: the same rows go to the platform, to the loop with the driver's default pragmas (a)
/// and to the loop with the platform's pragmas (b); in every second round in reverse order.
/// </summary>
internal sealed class Benchmarks : IAsyncDisposable
{
    private const int RowsPerCommit = 1000;
    private const int RowsPerEvent = 100;
    private const int Callers = 32;

    /// <summary>Placements of a round while the other services apply them in the same process; they take longer than the intake.</summary>
    private const int EmbeddedRows = 5000;
    private const int EmbeddedRounds = 3;

    private readonly BenchSettings _settings;
    private readonly string _folder;
    private readonly Server _server;
    private readonly PlatformSide _platform;
    private readonly Workload _workload;
    private readonly RawLoop _default;
    private readonly RawLoop _tuned;
    private bool _stopped;

    private Benchmarks(BenchSettings settings, string folder, Server server, Workload workload, RawLoop byDefault, RawLoop tuned) =>
        (_settings, _folder, _server, _platform, _workload, _default, _tuned) = (settings, folder, server, new PlatformSide(server), workload, byDefault, tuned);

    /// <summary>Pragmas of the three writers, asserted to be equally durable.</summary>
    public required IReadOnlyDictionary<string, Dictionary<string, string>> Pragmas { get; init; }

    public static async Task<Benchmarks> PrepareAsync(BenchSettings settings, string folder)
    {
        var server = await Server.StartAsync(Path.Combine(folder, "platform"));
        try
        {
            var workload = new Workload(await new Scene(server).SetAsync(settings.Candidates));
            var ours = await server.AskAsync<Dictionary<string, string>>("pragmas");
            var byDefault = new RawLoop(Path.Combine(folder, "raw-default.db"), pragmas: null);
            var tuned = new RawLoop(
                Path.Combine(folder, "raw-tuned.db"),
                $"PRAGMA synchronous = {ours["synchronous"]}; PRAGMA cache_size = {ours["cache_size"]}; PRAGMA wal_autocheckpoint = {ours["wal_autocheckpoint"]}; PRAGMA temp_store = {ours["temp_store"]}");
            var pragmas = new Dictionary<string, Dictionary<string, string>>
            {
                ["platform"] = ours, ["raw (a), default pragmas"] = Bench.Pragmas.Read(byDefault.Connection), ["raw (b), our pragmas"] = Bench.Pragmas.Read(tuned.Connection),
            };
            foreach (var (who, values) in pragmas) Bench.Pragmas.RequireDurable(who, values);
            var benchmarks = new Benchmarks(settings, folder, server, workload, byDefault, tuned) { Pragmas = pragmas };
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
    public async Task<List<Result>> BulkAsync()
    {
        var embedded = await RoundsAsync(EmbeddedRounds, EmbeddedRows, BulkRoundAsync, _server.CaughtUpAsync);
        // From here on it is as when the other services run elsewhere: their share of the processor is not the intake's.
        await _server.AskAsync<bool>("hold");
        var rounds = await RoundsAsync(_settings.Rounds, _settings.BulkRows, BulkRoundAsync);
        var rates = rounds.Select(round => round.Rate).ToList();
        return
        [
            Result.Against("B1 (a)", "bulk stream ÷ raw loop, 1,000 rows a commit, default pragmas", rates, [.. rounds.Select(round => round.DefaultRate)], 1.0, 1.4),
            Result.Against("B1 (b)", "bulk stream ÷ the same loop with our pragmas", rates, [.. rounds.Select(round => round.TunedRate)], 0.75, 1.05),
            Result.Against(
                "B1 embedded", "as (a), while Municipalities and Insight apply the same placements in the same process",
                [.. embedded.Select(round => round.Rate)], [.. embedded.Select(round => round.DefaultRate)], bar: null, stretch: null),
            new Result("B20", "allocated by the server per placement, bulk", "bytes", Series.Of(rounds.Select(round => round.Allocated)), null, null, 1500, 400, LowerIsBetter: true),
            new Result("B21", "processor time of the server per 1,000 placements, bulk", "s", Series.Of(rounds.Select(round => round.ServerCpu)), null, null, null, 0.03, LowerIsBetter: true),
            new Result("B21 client", "processor time of the client per 1,000 placements, bulk", "s", Series.Of(rounds.Select(round => round.ClientCpu)), null, null, null, null, LowerIsBetter: true),
        ];
    }

    /// <summary>B2: one placement a call.</summary>
    public async Task<List<Result>> UnaryAsync()
    {
        await _server.AskAsync<bool>("hold");
        var rounds = await RoundsAsync(_settings.Rounds, _settings.UnaryRows, UnaryRoundAsync);
        var rates = rounds.Select(round => round.Rate).ToList();
        return
        [
            Result.Against("B2", $"unary calls, {Callers} callers ÷ raw loop, one row a commit, default pragmas", rates, [.. rounds.Select(round => round.DefaultRate)], 2.5, 4),
            Result.Against("B2 (b)", "the same ÷ the loop with our pragmas", rates, [.. rounds.Select(round => round.TunedRate)], bar: null, stretch: null),
            new Result("B21 unary", "processor time of the server per 1,000 placements, unary", "s", Series.Of(rounds.Select(round => round.ServerCpu)), null, null, null, null, LowerIsBetter: true),
        ];
    }

    /// <summary>Stops the server and holds the three files against each other: the same rows, or the figures mean nothing.</summary>
    public async Task<Dictionary<string, string>> CompareFilesAsync()
    {
        _stopped = true;
        await _server.DisposeAsync();
        var rows = Bench.Pragmas.Scalar(_default.Connection, "SELECT count(*) FROM placements");
        var events = Bench.Pragmas.Scalar(_default.Connection, "SELECT count(*) || ' of ' || sum(length(data)) || ' bytes' FROM events");
        foreach (var file in new[] { Path.Combine("platform", "swcompanies", Workload.Municipality + ".db"), "raw-tuned.db" })
        {
            Attach(Path.Combine(_folder, file));
            Require("SELECT count(*) FROM other.placements", rows, file);
            Require("SELECT count(*) FROM (SELECT * FROM placements EXCEPT SELECT * FROM other.placements)", "0", file);
            // The platform's log also holds that the contract was signed.
            Require("SELECT count(*) || ' of ' || sum(length(data)) || ' bytes' FROM other.events WHERE type = 'placements-reported'", events, file);
            Bench.Pragmas.Scalar(_default.Connection, "DETACH other");
        }

        return new Dictionary<string, string> { ["placements in each of the three files"] = rows, ["events in each of the three files"] = events };
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped) await _server.DisposeAsync();
        _default.Dispose();
        _tuned.Dispose();
    }

    private sealed record Round(double Rate, double DefaultRate, double TunedRate, double ServerCpu, double ClientCpu, double Allocated);

    private async Task<List<Round>> RoundsAsync(int count, int rows, Func<Row[], bool, Task<Round>> round, Func<Task>? after = null)
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
            Rate(ours.Time), Rate(byDefault), Rate(tuned),
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
        var found = Bench.Pragmas.Scalar(_default.Connection, sql);
        if (found != expected) throw new InvalidOperationException($"{file} does not hold what the raw loop wrote: {found} instead of {expected} by {sql}");
    }
}
