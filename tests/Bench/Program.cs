using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BeschutWerk.Bench;
using BeschutWerk.Host;

// The server's process calls this program with this word.
if (args is ["serve", var folder, var grpcPort, var httpPort])
{
    return await Serve.RunAsync(new PlatformOptions(folder, int.Parse(grpcPort, CultureInfo.InvariantCulture), int.Parse(httpPort, CultureInfo.InvariantCulture)));
}

(string[] Names, Func<Bench, IReadOnlyCollection<string>, Task> RunAsync)[] families =
[
    (["B1", "B2", "B20", "B21"], StorageBenchmarks.RunAsync),
    (["B4"], (bench, _) => Carrying.RunAsync(bench)),
    (["B5"], (bench, _) => ReportToSubscriber.RunAsync(bench)),
    (["B6", "B7"], (bench, _) => FanOut.RunAsync(bench)),
    (["B8"], (bench, _) => SilentSubscribers.RunAsync(bench)),
    (["B9"], (bench, _) => CatchUp.RunAsync(bench)),
    (["B17"], (bench, _) => Restart.RunAsync(bench)),
    (["B18"], (bench, _) => Tracing.RunAsync(bench)),
    (["B22"], (bench, _) => IdleSubscriptions.RunAsync(bench)),
];

var all = families.SelectMany(family => family.Names).ToArray();
var names = new Argument<string[]>("benchmark") { Description = "Rows of README.md; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong(all);
var json = new Option<bool>("--json") { Description = "Prints one JSON object instead of tables." };
var pinned = new Option<bool>("--pinned") { Description = "Server on the first core, client, peers and broker on the second (taskset)." };
var strace = new Option<bool>("--strace") { Description = "Also counts fsync per commit, in a short run of its own." };
var rounds = new Option<int>("--rounds") { Description = "Rounds of each benchmark.", DefaultValueFactory = _ => 7 };
var rows = new Option<int>("--rows") { Description = "Placements of a round of the bulk stream.", DefaultValueFactory = _ => 50_000 };
var unaryRows = new Option<int>("--unary-rows") { Description = "Placements of a round of unary calls.", DefaultValueFactory = _ => 10_000 };
var startRows = new Option<int>("--start-rows") { Description = "Placements in every file of B1 and B2 before the first round.", DefaultValueFactory = _ => 0 };
var candidates = new Option<int>("--candidates") { Description = "Candidates that share the placements.", DefaultValueFactory = _ => 1000 };
var catchUp = new Option<int>("--catch-up") { Description = "Events of B9.", DefaultValueFactory = _ => 1_000_000 };
var subscriptions = new Option<int>("--subscriptions") { Description = "Most subscriptions of B22.", DefaultValueFactory = _ => 10_000 };
var perSecond = new Option<int>("--per-second") { Description = "Reports a second of B5, whose bars are of 500.", DefaultValueFactory = _ => ReportToSubscriber.PerSecond };

var root = new RootCommand("How fast the platform stores, carries and tells, each beside a peer that does only that.")
{
    names, json, pinned, strace, rounds, rows, unaryRows, startRows, candidates, catchUp, subscriptions, perSecond,
};
root.SetAction(async (parsed, _) =>
{
    if (parsed.GetValue(pinned) && !Pinning.IsOn) return await Pinning.RunAgainAsync(args);
    var asked = parsed.GetValue(names) is { Length: > 0 } some ? some : all;
    var settings = new BenchSettings(
        parsed.GetValue(rounds), parsed.GetValue(rows), parsed.GetValue(unaryRows), parsed.GetValue(startRows), parsed.GetValue(candidates),
        parsed.GetValue(catchUp), parsed.GetValue(subscriptions), parsed.GetValue(perSecond), parsed.GetValue(strace));
    await using var bench = new Bench(settings);
    var machine = Report.Machine();
    foreach (var family in families)
    {
        if (asked.Intersect(family.Names).ToList() is not { Count: > 0 } wanted) continue;
        await family.RunAsync(bench, wanted);
        machine[$"load average after {string.Join(", ", family.Names)}"] = Report.LoadAverage();
    }

    var run = new Run(machine, Report.Versions(), bench.Pragmas, Report.Settings(settings), bench.Results, bench.Checks);
    if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(run, Report.JsonOptions));
    else Report.Print(run);
    return bench.Results.Any(result => result.Holds == false) ? 1 : 0;
});

return await root.Parse(args).InvokeAsync();
