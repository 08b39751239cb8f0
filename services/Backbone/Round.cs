using System.Collections.Concurrent;

namespace BeschutWerk.Backbone;

/// <summary>
/// The same work for each of many stores or files. One that fails keeps none of the others from its turn, so whoever goes round
/// them does it here and says what becomes of those that failed.
/// </summary>
public static class Round
{
    /// <summary>Does the work for each, so many at a time.</summary>
    /// <returns>Those that failed, with their faults; empty when none did.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; what was done is done.</exception>
    public static async Task<IReadOnlyList<Failed<T>>> OfAsync<T>(IEnumerable<T> items, int atOnce, Func<T, Task> work, CancellationToken cancel = default)
    {
        var failed = new ConcurrentQueue<Failed<T>>();
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, async (item, _) =>
        {
            try
            {
                await work(item);
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                failed.Enqueue(new Failed<T>(item, error));
            }
        });
        return [.. failed];
    }
}

/// <summary>What failed in a round.</summary>
public sealed record Failed<T>(T Item, Exception Fault);
