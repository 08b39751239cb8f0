using System.Collections.Concurrent;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The threads on which stores commit. A commit blocks its thread while the disk works: on threads of their own, commits
/// of hundreds of stores neither take those of calls away nor make the pool grow until all only fight for the cores.
/// </summary>
internal static class WriterThreads
{
    private static readonly BlockingCollection<IThreadPoolWorkItem> Waiting = [];

    static WriterThreads()
    {
        // Enough that the disk has work while others compute.
        var count = 4 * Environment.ProcessorCount;
        // Unsafe: else they would keep the trace and the token of the call that came first.
        for (var i = 0; i < count; i++) new Thread(Work) { IsBackground = true, Name = $"store writer {i}" }.UnsafeStart();
    }

    /// <summary>Runs a store's next batch when its turn comes.</summary>
    public static void Add(IThreadPoolWorkItem store) => Waiting.Add(store);

    private static void Work()
    {
        foreach (var store in Waiting.GetConsumingEnumerable()) store.Execute();
    }
}
