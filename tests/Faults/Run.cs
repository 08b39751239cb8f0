using System.Diagnostics;

namespace BeschutWerk.Faults;

/// <summary>One run: the faults one after the other on one platform, and behind each of them what must hold whatever happened.</summary>
/// <param name="extent">How much is done.</param>
/// <param name="carriers">Under the first all faults happen, under the others those of the broker.</param>
internal sealed class Run(Extent extent, IReadOnlyList<string> carriers)
{
    /// <summary>Candidates of a municipality: what is reported of one becomes slower with all that was.</summary>
    private int Candidates => extent.Of(150, 600);

    private Platform? _platform;
    private Scenery? _scenery;

    /// <summary>Prints what came of each, and ends with the line that infra/test reads.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<Fault> faults, CancellationToken cancel)
    {
        var failed = 0;
        var runs = carriers.SelectMany((carrier, index) => faults.Where(fault => index == 0 || fault.IsOfBroker).Select(fault => (fault, carrier))).ToList();
        foreach (var (fault, carrier) in runs)
        {
            var watch = Stopwatch.StartNew();
            var (outcome, extentOfIt) = await OutcomeAsync(fault, carrier, cancel);
            var holds = outcome.Broken.Count == 0;
            Console.WriteLine($"{fault.Id} {(holds ? "[OK]" : "[FAIL]")} {fault.What}{(fault.IsOfBroker ? $" ({carrier})" : "")}: {outcome.Figures}. {extentOfIt}. {watch.Elapsed.TotalSeconds:0} s.");
            foreach (var broken in outcome.Broken) Console.WriteLine("  " + broken);
            if (holds) continue;
            failed++;
            // What is broken stays so, and the faults behind it would only say it again: they get another platform.
            await EndAsync();
        }

        await EndAsync();
        Console.WriteLine($"Total: {runs.Count}, Errors: 0, Failed: {failed}, Skipped: 0");
        return failed == 0 ? 0 : 1;
    }

    private async Task<(Outcome Outcome, string Extent)> OutcomeAsync(Fault fault, string carrier, CancellationToken cancel)
    {
        try
        {
            cancel.ThrowIfCancellationRequested();
            _platform ??= await Platform.StartAsync(carrier);
            await _platform.CarryByAsync(carrier);
            _scenery ??= await Scenery.SetAsync(_platform, Candidates);
            var outcome = await fault.RunAsync(_scenery, extent).WaitAsync(cancel);
            return (outcome with { Broken = [.. outcome.Broken, .. _scenery.Invariants.Check()] }, _scenery.Invariants.Extent());
        }
        catch (Exception error)
        {
            return (new Outcome("it did not end", [error.ToString()]), "Not everything was looked at");
        }
    }

    private async Task EndAsync()
    {
        if (_scenery is not null) await _scenery.DisposeAsync();
        if (_platform is not null) await _platform.DisposeAsync();
        (_scenery, _platform) = (null, null);
    }
}
