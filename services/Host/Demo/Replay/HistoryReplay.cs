using System.Collections.Concurrent;
using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>
/// Plays the history quarter by quarter, many municipalities side by side; a quarter begins when everybody knows all of the
/// one before.
/// </summary>
internal sealed class HistoryReplay : IAsyncDisposable
{
    private readonly int _sideBySide;
    private readonly CancellationTokenSource _stopping;
    private readonly ConcurrentDictionary<string, Company> _companies = new();
    private readonly List<TownReplay> _towns;
    private readonly List<Candidate> _people;

    public HistoryReplay(IReadOnlyList<PersonHistory> history, Parties parties, int sideBySide, CancellationToken cancel)
    {
        _sideBySide = sideBySide;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _people = [.. history.Select(person => new Candidate(person, parties))];
        _towns = [.. _people.GroupBy(person => person.Municipality)
            .Select(town => new TownReplay(town.Key, town, parties, CompanyOf, _stopping.Token))];

        Company CompanyOf(string id) => _companies.GetOrAdd(id, _ => new Company(parties.Company(id)));
    }

    /// <summary>All quarters in which something happens.</summary>
    public IEnumerable<Quarter> Quarters => _people.SelectMany(Step.Of).Select(step => Quarter.Of(step.Day)).Distinct().OrderBy(quarter => quarter.First);

    /// <summary>All acts of the history.</summary>
    public int Steps => _people.Sum(person => Step.Of(person).Count());

    /// <summary>Plays one quarter.</summary>
    /// <param name="quarter">Which.</param>
    /// <param name="done">Told of every act that is durable.</param>
    public Task PlayAsync(Quarter quarter, Action<Step> done) => Parallel.ForEachAsync(
        // The largest first: the quarter lasts as long as the one that is ready last.
        _towns.Where(town => town.StepsIn(quarter) > 0).OrderByDescending(town => town.StepsIn(quarter)),
        new ParallelOptions { MaxDegreeOfParallelism = _sideBySide, CancellationToken = _stopping.Token },
        async (town, _) => await town.PlayAsync(quarter, done));

    public async ValueTask DisposeAsync()
    {
        foreach (var company in _companies.Values) await company.DisposeAsync();
        await _stopping.CancelAsync();
        foreach (var town in _towns) await town.DisposeAsync();
        _stopping.Dispose();
    }
}
