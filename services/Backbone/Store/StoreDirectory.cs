using System.Collections.Concurrent;

namespace BeschutWerk.Backbone.Store;

/// <summary>The stores of one kind of one service, opened on demand and closed by least recent use.</summary>
/// <typeparam name="TStore">The service's store.</typeparam>
public sealed class StoreDirectory<TStore> : IDisposable where TStore : StoreContext
{
    /// <summary>Stores that are closed at the same time when all are.</summary>
    private const int SideBySide = 32;

    private readonly ConcurrentDictionary<string, StoreHandle<TStore>> _handles = new();
    private readonly Func<StoreName, StoreHandle<TStore>> _make;
    private readonly string _service;
    private readonly int _mostOpen;

    internal StoreDirectory(string service, int mostOpen, Func<StoreName, StoreHandle<TStore>> make) =>
        (_service, _mostOpen, _make) = (service, mostOpen, make);

    /// <summary>All stores that were asked for in this process.</summary>
    public IEnumerable<StoreHandle<TStore>> Known => _handles.Values;

    /// <summary>The store of a tenant, or the platform's own for null. Says nothing about whether it exists.</summary>
    public StoreHandle<TStore> Get(TenantId? tenant)
    {
        var name = new StoreName(_service, tenant);
        return _handles.TryGetValue(name.Origin, out var handle) ? handle : Add(name);
    }

    /// <summary>Closes the least recently used stores beyond the limit; one that is in use stays open.</summary>
    public void CloseIdle()
    {
        var open = _handles.Select(pair => pair.Value).Where(handle => handle.IsOpen).ToList();
        var surplus = open.Count - _mostOpen;
        if (surplus <= 0) return;
        foreach (var handle in open.OrderBy(handle => handle.LastUsed))
        {
            handle.TryClose();
            // Also when somebody else has closed it meanwhile.
            if (!handle.IsOpen && --surplus == 0) return;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Closing a store moves its WAL into its file and waits for the disk: hundreds of them side by side, or a stop takes a
        // minute. On threads of their own: the pool would add one for every half a second that the others wait.
        var waiting = new ConcurrentQueue<StoreHandle<TStore>>(_handles.Values);
        Task.WaitAll([.. Enumerable.Range(0, Math.Min(SideBySide, waiting.Count)).Select(_ => Task.Factory.StartNew(Close, TaskCreationOptions.LongRunning))]);

        void Close()
        {
            while (waiting.TryDequeue(out var handle)) handle.Dispose();
        }
    }

    private StoreHandle<TStore> Add(StoreName name) => _handles.GetOrAdd(name.Origin, _ =>
    {
        var handle = _make(name);
        handle.OneMoreIsOpen = CloseIdle;
        return handle;
    });
}
