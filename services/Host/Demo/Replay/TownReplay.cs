using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>
/// One municipality through the history. Who asks and is advised does not wait for others; all that touches the ledger goes
/// strictly in the order of the dates, and waits on the feed for what others must have done.
/// </summary>
internal sealed class TownReplay(string municipality, IEnumerable<Candidate> people, Parties parties, Func<string, Company> companyOf, CancellationToken cancel) : IAsyncDisposable
{
    // So that a large city is not told one person after the other.
    private const int PeopleSideBySide = 4;

    private readonly TownFeed _feed = new(municipality, parties.FeedOf(municipality), cancel);
    private readonly ILookup<Quarter, Step> _steps = Step.InOrder(people.SelectMany(Step.Of)).ToLookup(step => Quarter.Of(step.Day));

    /// <summary>How much happens in a quarter.</summary>
    public int StepsIn(Quarter quarter) => _steps[quarter].Count();

    /// <summary>Plays a quarter; when it is done, UWV, municipality and companies know the same of it.</summary>
    public async Task PlayAsync(Quarter quarter, Action<Step> done)
    {
        var steps = _steps[quarter].ToList();
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAll(
            OrStopOthers(AdviseAsync(steps, done, failing.Token), failing),
            OrStopOthers(DecideAndPlaceAsync(steps, done, failing.Token), failing));
        await EverybodyKnowsAsync(steps);
    }

    public ValueTask DisposeAsync() => _feed.DisposeAsync();

    private async Task AdviseAsync(List<Step> steps, Action<Step> done, CancellationToken stop)
    {
        var advising = new Advising(municipality, parties);
        await Parallel.ForEachAsync(
            steps.Where(step => step.IsAdvising).GroupBy(step => step.Who),
            new ParallelOptions { MaxDegreeOfParallelism = PeopleSideBySide, CancellationToken = stop },
            async (ofOne, halt) =>
            {
                foreach (var step in ofOne)
                {
                    await advising.PlayAsync(step, halt);
                    done(step);
                }
            });
    }

    private async Task DecideAndPlaceAsync(List<Step> steps, Action<Step> done, CancellationToken stop)
    {
        var college = new College(municipality, parties, _feed);
        var reports = new Dictionary<Candidate, Task>();
        foreach (var step in steps.Where(step => !step.IsAdvising))
        {
            switch (step.Act)
            {
                case Act.Start:
                    // The company reports in bulk; a start takes a place that was reserved, so nobody has to wait for it.
                    reports[step.Who] = companyOf(step.Who.History.Offer!.CompanyId).ReportAsync(step.Who, stop);
                    break;
                case Act.End:
                    if (reports.TryGetValue(step.Who, out var report)) await report;
                    await companyOf(step.Who.History.Offer!.CompanyId).EndAsync(step.Who, step.Who.History.Placement!, stop);
                    // The place is free from the day after: the next offer counts on it.
                    await _feed.PlacementEndedAsync(step.Who.PlacementId, stop);
                    break;
                default:
                    await college.PlayAsync(step, stop);
                    break;
            }

            done(step);
        }

        await Task.WhenAll(reports.Values);
    }

    private async Task EverybodyKnowsAsync(List<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step.Act == Act.Advise) await _feed.AdviceIssuedAsync(await step.Who.AdviceRequestId, cancel);
            if (step.Act == Act.Start) await _feed.PlacementReportedAsync(step.Who.PlacementId, cancel);
        }
    }

    private static async Task OrStopOthers(Task task, CancellationTokenSource others)
    {
        try
        {
            await task;
        }
        catch
        {
            await others.CancelAsync();
            throw;
        }
    }
}
