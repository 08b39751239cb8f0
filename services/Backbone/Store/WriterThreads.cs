namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The threads on which stores commit. A commit blocks its thread while the disk works: on threads of their own, commits
/// of hundreds of stores neither take those of calls away nor make the pool grow until all only fight for the cores.
/// </summary>
internal static class WriterThreads
{
    /// <summary>Threads of others that may commit at a time; the rest of them keeps serving.</summary>
    private static readonly int MostLent = Math.Max(1, Environment.ProcessorCount / 2);

    private static readonly Queue<IThreadPoolWorkItem> Waiting = new();
    private static volatile ExecutionContext? _nobodysContext;
    private static int _lent;

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

    /// <summary>Runs a store's next batch on the thread that asks, if not too many do.</summary>
    /// <returns>Whether it ran.</returns>
    public static bool TryLend(IThreadPoolWorkItem store)
    {
        if (_nobodysContext is not { } context) return false;
        try
        {
            if (Interlocked.Increment(ref _lent) > MostLent) return false;
            // As here: without the trace and the token of the call.
            ExecutionContext.Run(context, static store => ((IThreadPoolWorkItem)store!).Execute(), store);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _lent);
        }
    }

    private static void Work()
    {
        _nobodysContext = ExecutionContext.Capture();
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
