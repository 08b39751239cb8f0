using System.CommandLine;
using System.Diagnostics;
using BeschutWerk.Faults;

Fault[] all =
[
    new KilledIntake(), new EveryStep(), new BrokerAway(), new BrokerKilled(), new DiskFull(), new DamagedFiles(), new Disorder(),
    new Subscribers(), new Poison(), new MigrationKilled(), new NoisyNeighbour(), new Stopped(), new SecondInstance(), new Restored(),
];
var names = new Argument<string[]>("fault") { Description = $"{string.Join(", ", all.Select(fault => fault.Id))}; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. all.Select(fault => fault.Id)]);
var nightly = new Option<bool>("--nightly") { Description = "The full counts, on a machine that does nothing else; figures are held to their bars." };
var seed = new Option<int>("--seed") { Description = "What is random comes from it.", DefaultValueFactory = _ => Environment.TickCount };

var carrier = new Option<string?>("--carrier") { Description = "Only this carrier of events, masstransit or direct; by default those of the broker share their counts between both." };
carrier.AcceptOnlyFromAmong("masstransit", "direct");

var root = new RootCommand("Starts the platform as processes, breaks them and their broker under load, and checks that nothing is lost or doubled.") { names, nightly, seed, carrier };
root.SetAction(async (parsed, cancel) =>
{
    string[] carriers = parsed.GetValue(carrier) is { } only ? [only] : ["masstransit", "direct"];
    var extent = new Extent(parsed.GetValue(nightly), parsed.GetValue(seed)) { Carriers = carriers.Length };
    Fault[] asked = parsed.GetValue(names) is { Length: > 0 } named
        ? [.. all.Where(fault => named.Contains(fault.Id))] : all;
    Console.WriteLine($"{(extent.Nightly ? "Full counts" : "Short run")}, seed {extent.Seed}, {DateTime.UtcNow:u}, {Environment.ProcessorCount} processors");
    return await new Run(extent, carriers).RunAsync(asked, cancel);
});

// Told to stop, it ends the processes that it started.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
