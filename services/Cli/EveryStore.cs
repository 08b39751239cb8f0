using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli;

/// <summary>One question about a municipality, or the platform, to every service that may have a store of it.</summary>
/// <param name="Answers">Of those that have one.</param>
/// <param name="Failures">Of those that could not be asked, or refused.</param>
internal sealed record EveryStore<T>(IReadOnlyList<T> Answers, IReadOnlyList<Failure> Failures)
{
    /// <summary>Asks one after the other: what they do may load the machine.</summary>
    /// <exception cref="Failure">No service has a store of it, or there is no such municipality.</exception>
    public static async Task<EveryStore<T>> AskAsync(IReadOnlyList<string> services, string store, Func<string, Task<T>> ask)
    {
        var (answers, failures) = (new List<T>(), new List<Failure>());
        foreach (var service in services)
        {
            try
            {
                answers.Add(await ask(service));
            }
            catch (Failure failure) when (services.Count > 1 && HasNone(failure))
            {
                // Asked for all that there are: this one has none.
            }
            catch (Failure failure) when (!failure.Is(ErrorReason.MunicipalityNotFound))
            {
                failures.Add(failure);
            }
        }

        return answers.Count + failures.Count > 0
            ? new EveryStore<T>(answers, failures)
            : throw Failure.NotFound($"No service has a store of {store}.");
    }

    /// <summary>Tells what failed.</summary>
    /// <returns>What the program ends with.</returns>
    public int Tell(Output output)
    {
        foreach (var failure in Failures) output.Show(failure);
        return Failures.Select(failure => failure.ExitCode).DefaultIfEmpty(ExitCode.Done).Max();
    }

    /// <summary>Nothing was recorded there yet, or the service keeps nothing per municipality; the code itself is well formed.</summary>
    private static bool HasNone(Failure failure) =>
        failure.Is(ErrorReason.NotFound) || (failure.Is(ErrorReason.InvalidFields) && failure.Violations is [{ Field: "municipality" }]);
}
