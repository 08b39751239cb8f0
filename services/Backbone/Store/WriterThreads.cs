namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The threads on which stores commit. A commit blocks its thread while the disk works: on threads of their own, commits
/// of hundreds of stores neither take those of calls away nor make the pool grow until all only fight for the cores.
/// </summary>
internal static class WriterThreads
{
    private static readonly Queue<IThreadPoolWorkItem> Waiting = new();

    static WriterThreads()
    {
        // Enough that the disk has work while others compute.
        var count = 4 * Environment.ProcessorCount;
        // Unsafe: else they would keep the trace and the token of the call that came first.
        for (var i = 0; i < count; i++) new Thread(Work) { IsBackground = true, Name = $"store writer {i}" }.UnsafeStart();
    }

    /// <summary>Runs a store's next batch when its turn comes.</summary>
    public static void Add(IThreadPoolWorkItem store)
    {
        lock (Waiting)
        {
            Waiting.Enqueue(store);
            Monitor.Pulse(Waiting);
        }
    }

    private static void Work()
    {
        while (true) Next().Execute();
    }

    // Not a BlockingCollection: its waiting threads spin first, a tenth of what a report costs the processor.
    private static IThreadPoolWorkItem Next()
    {
        lock (Waiting)
        {
            while (Waiting.Count == 0) Monitor.Wait(Waiting);
            return Waiting.Dequeue();
        }
    }
}
