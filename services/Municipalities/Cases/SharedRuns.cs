using System.Collections.Concurrent;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Work that many ask for at once. For each key one run goes at a time. Whoever asks gets a run that begins after they asked, and
/// shares it with all who asked before it began: nobody waits for more than the run of now and the next.
/// </summary>
internal sealed class SharedRuns<TKey> where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Task> _asked = [];
    private readonly ConcurrentDictionary<TKey, SemaphoreSlim> _turns = new();

    /// <summary>Completes, or fails, with a run that began after this call.</summary>
    public Task RunAsync(TKey key, Func<Task> work)
    {
        lock (_lock)
        {
            return _asked.TryGetValue(key, out var asked) ? asked : _asked[key] = Task.Run(() => BeginAsync(key, work));
        }
    }

    private async Task BeginAsync(TKey key, Func<Task> work)
    {
        var turn = _turns.GetOrAdd(key, _ => new SemaphoreSlim(1));
        await turn.WaitAsync();
        try
        {
            // Whoever asks from here on gets another run, which sees what came in since.
            lock (_lock)
            {
                _asked.Remove(key);
            }

            await work();
        }
        finally
        {
            turn.Release();
        }
    }
}
