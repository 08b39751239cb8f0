using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Host.Demo.History;
using BeschutWerk.Host.Demo.Reference;
using BeschutWerk.Host.Demo.Replay;
using BeschutWerk.Host.Demo.Report;
using BeschutWerk.Identity;
using Spectre.Console;

namespace BeschutWerk.Host.Demo;

/// <summary>
/// The history of the letter, told to a running platform by all who take part, and what the platform makes of it. Everything
/// goes through the public API with tokens; run again on the same data it repeats the same calls.
/// </summary>
internal sealed class DemoRun(RunningPlatform platform, IAnsiConsole console)
{
    /// <summary>Municipalities that act at the same time.</summary>
    private const int SideBySide = 32;

    /// <summary>Whose feed is followed all the while.</summary>
    private const string Follower = "GM0363";

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly Task<(ReferenceData Reference, IReadOnlyList<PersonHistory> History)> _made = Task.Run(Make);
    private TimeSpan _told;

    /// <summary>Tells the history and prints what came of it.</summary>
    /// <returns>Whether every figure is the published one, and the follower received its log.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var (reference, history) = await _made;
        Told($"{history.Count:N0} made-up people (seed {LetterHistory.Seed})");

        using var parties = new Parties(platform, await RegisterClientsAsync(reference, cancel));
        var registration = new Registration(reference, parties, SideBySide);
        await registration.RegisterMunicipalitiesAsync(cancel);
        Told($"{reference.Municipalities.Count} municipalities registered");

        await using var proof = new FeedProof(Follower, parties.FeedOf(Follower));
        var imports = new Imports(reference, parties);
        await Task.WhenAll(registration.RegisterCompaniesAsync(cancel), imports.RegulationsAsync(cancel), imports.PublishedFiguresAsync(cancel));
        Told($"{reference.Companies.Count} sw-companies registered, with their contracts; " + string.Join("; ", reference.Regulations.Select(r =>
            $"regulation {r.Year}: {r.StatedTotal:N0} places in {reference.Quotas[r.Year].Count} rows")));
        var practices = await new Practices(parties).ShareAsync(Follower, reference.Companies[0].Id, reference.Municipalities[0].Code, cancel);
        Told($"{reference.Figures.Count} published figures imported; {practices} practices published and found");

        await ReplayAsync(history, parties, cancel);
        await CaughtUp.WaitAsync(parties, cancel);
        Told("every service has applied what the others told");

        var equal = await new FigureTable(reference, parties).PrintAsync(console, cancel);
        var heard = await proof.CompareAsync(cancel);
        console.WriteLine($"Amsterdam ({Follower}) received {heard.Received:N0} events; its log holds {heard.Logged:N0}; same events in the same order: {(heard.Same ? "yes" : "NO")}.");
        console.WriteLine(Synthetic(reference, history));
        console.WriteLine($"All of it in {_elapsed.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s.");
        return equal && heard.Same;
    }

    private static (ReferenceData, IReadOnlyList<PersonHistory>) Make()
    {
        var reference = ReferenceData.Load(ReferenceData.DefaultFolder);
        return (reference, LetterHistory.Generate(reference));
    }

    private static string Synthetic(ReferenceData reference, IReadOnlyList<PersonHistory> history)
    {
        var rows = reference.Quotas.OrderBy(quota => quota.Key)
            .Select(quota => $"{quota.Value.Count(row => row.Origin == "SYNTHETIC")} of the {quota.Value.Count} numbers of {quota.Key}");
        var companies = reference.Companies.Count(company => company.Origin == "SYNTHETIC");
        return $"Synthetic: all {history.Count:N0} people and what happens to them; {string.Join(" and ", rows)}, not their totals; "
            + $"{companies} of the {reference.Companies.Count} sw-companies by name, and all contracts.";
    }

    private async Task<IReadOnlyList<DemoClient>> RegisterClientsAsync(ReferenceData reference, CancellationToken cancel)
    {
        using var tokenServer = new HttpClient { BaseAddress = platform.Authority };
        var clients = await DemoClients.RegisterAsync(tokenServer, platform.SecretFile, [.. Parties.Registrations(reference)], cancel);
        Told($"{clients.Count} clients registered; their secrets: {Path.Combine(Path.GetDirectoryName(platform.SecretFile)!, DemoClients.FileName)}");
        return clients;
    }

    private async Task ReplayAsync(IReadOnlyList<PersonHistory> history, Parties parties, CancellationToken cancel)
    {
        var started = _elapsed.Elapsed;
        await using var replay = new HistoryReplay(history, parties, SideBySide, cancel);
        var acts = 0;
        await ReplayProgress.ShowAsync(console, [.. replay.Quarters], replay.Steps, history.Count, (quarter, told) =>
            replay.PlayAsync(quarter, step =>
            {
                Interlocked.Increment(ref acts);
                told(step.Act == Act.Ask);
            }));
        var seconds = (_elapsed.Elapsed - started).TotalSeconds;
        Told($"{acts:N0} acts of {history.Count:N0} people, {acts / seconds:N0} durable acts a second");
    }

    private void Told(string what)
    {
        var now = _elapsed.Elapsed;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now.TotalSeconds,5:F1} s  +{(now - _told).TotalSeconds,4:F1}  {what}"));
        _told = now;
    }
}
