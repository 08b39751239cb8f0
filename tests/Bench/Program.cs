using System.CommandLine;
using System.Text.Json;
using BeschutWerk.Bench;

// The server's process calls this program with this word.
if (args is ["serve", var dataFolder]) return await Serve.RunAsync(dataFolder);

string[] all = ["B1", "B2", "B20", "B21"];
var names = new Argument<string[]>("benchmark") { Description = "B1 (bulk stream), B2 (unary calls), B20 (allocation), B21 (processor time); all when none is named.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong(all);
var json = new Option<bool>("--json") { Description = "Prints one JSON object instead of tables." };
var rounds = new Option<int>("--rounds") { Description = "Rounds of each benchmark.", DefaultValueFactory = _ => 7 };
var rows = new Option<int>("--rows") { Description = "Placements of a round of the bulk stream.", DefaultValueFactory = _ => 50_000 };
var unaryRows = new Option<int>("--unary-rows") { Description = "Placements of a round of unary calls.", DefaultValueFactory = _ => 10_000 };
var startRows = new Option<int>("--start-rows") { Description = "Placements in every file before the first round.", DefaultValueFactory = _ => 0 };
var candidates = new Option<int>("--candidates") { Description = "Candidates that share the placements.", DefaultValueFactory = _ => 1000 };

var root = new RootCommand("How fast the platform stores placements, against a plain loop over the same database.") { names, json, rounds, rows, unaryRows, startRows, candidates };
root.SetAction(async (parsed, _) =>
{
    var asked = parsed.GetValue(names) is { Length: > 0 } some ? some : all;
    var settings = new BenchSettings(parsed.GetValue(rounds), parsed.GetValue(rows), parsed.GetValue(unaryRows), parsed.GetValue(startRows), parsed.GetValue(candidates));
    var folder = Directory.CreateTempSubdirectory("beschutwerk-bench-").FullName;
    try
    {
        var machine = Report.Machine();
        await using var benchmarks = await Benchmarks.PrepareAsync(settings, folder);
        var results = new List<Result>();
        if (asked.Any(name => name != "B2")) results.AddRange(await benchmarks.BulkAsync());
        if (asked.Contains("B2")) results.AddRange(await benchmarks.UnaryAsync());
        machine["load average after"] = Report.LoadAverage();
        var run = new Run(machine, Report.Versions(), benchmarks.Pragmas, Report.Settings(settings), results, await benchmarks.CompareFilesAsync());

        if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(run, Report.JsonOptions));
        else Report.Print(run);
        return results.Any(result => result.Holds == false) ? 1 : 0;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
});

return await root.Parse(args).InvokeAsync();
