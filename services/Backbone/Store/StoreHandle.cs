using System.Collections.Concurrent;
using System.Security.Cryptography;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// One store of a service, open or not: its queue of writes, its reads, and the signal that its log grew. Writes wait in
/// memory; whoever drains the queue runs all that waited in one transaction, so that one that fails fails alone, and answers
/// only after the commit.
/// </summary>
/// <typeparam name="TStore">The service's store.</typeparam>
public sealed partial class StoreHandle<TStore> : IThreadPoolWorkItem, IDisposable where TStore : StoreContext
{
    private const string BeingRestored = "it is being restored";

    /// <summary>Commits of one write each after which the next is taken to come alone too. With fewer, many callers at once lost a quarter of their throughput (B2).</summary>
    private const int SinglesBeforeHere = 16;

    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(10);

    private readonly StoreFile _file;
    private readonly StoreSettings _settings;
    private readonly Func<StorePresence> _presence;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Operation<TStore>> _queue = new();
    private TaskCompletionSource _changed = NewSignal();
    private OpenStore<TStore>? _open;
    private int _leases;
    private int _queued;
    private int _draining;
    private int _singlesInARow;
    private int _storageErrors;
    private long _newestPosition;
    private long _newestOwn;
    private int _parked;
    private string? _quarantine;
    private bool _closing;

    internal StoreHandle(StoreFile file, StoreSettings settings, Func<StorePresence> presence) =>
        (_file, _settings, _presence) = (file, settings, presence);

    /// <summary>Which store this is.</summary>
    public StoreName Name => _file.Name;

    /// <summary>Whether its file was made yet.</summary>
    public bool Exists => IsOpen || _file.Exists;

    /// <summary>Completes when the log grew after this was asked for.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Operations that wait.</summary>
    public int QueueDepth => Volatile.Read(ref _queued);

    /// <summary>Why the store takes no calls; null while it does.</summary>
    public string? Quarantine => Volatile.Read(ref _quarantine);

    /// <summary>The highest position of its log, as far as this process knows.</summary>
    internal long NewestPosition
    {
        get => Volatile.Read(ref _newestPosition);
        set => Volatile.Write(ref _newestPosition, value);
    }

    /// <summary>Sequence of the last own event that this process committed; 0 before that.</summary>
    internal long NewestOwn => Volatile.Read(ref _newestOwn);

    /// <summary>Events parked in it, as far as this process knows: it was counted when it was opened.</summary>
    internal int Parked => Volatile.Read(ref _parked);

    /// <summary>Own events were committed.</summary>
    internal Action<StoreName>? Committed { get; set; }

    /// <summary>The file is there and is ours.</summary>
    internal Action? Opened { get; set; }

    /// <summary>It was opened; called without any lock, because it may close other stores.</summary>
    internal Action? OneMoreIsOpen { get; set; }

    internal long LastUsed { get; private set; }

    internal bool IsOpen => Volatile.Read(ref _open) is not null;

    /// <summary>Reads in one snapshot.</summary>
    /// <param name="caller">Who reads.</param>
    /// <param name="read">What is read.</param>
    /// <param name="cancel">Cancelled when nobody waits any more: then it ends, in whatever statement it is.</param>
    public T Read<T>(Caller caller, Func<ReadSession<TStore>, T> read, CancellationToken cancel = default)
    {
        var open = Acquire();
        try
        {
            return open.Read(caller, _settings.Clock.Today(), read, cancel);
        }
        catch (Exception error) when (cancel.IsCancellationRequested && StorageFaults.IsInterrupted(error))
        {
            throw new OperationCanceledException(cancel);
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw Noted(error);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>The source and epoch that the store stamps.</summary>
    public (string Source, string Epoch) Identity()
    {
        var open = Acquire();
        Release();
        return (open.Source, open.Epoch);
    }

    /// <summary>Copies the store while writes go on.</summary>
    internal StoreContents BackUp(string target)
    {
        // Held open, so that nobody closes it for another meanwhile.
        Acquire();
        try
        {
            return _file.BackUp(target);
        }
        catch (Exception error) when (StorageFaults.IsDamage(error))
        {
            throw Noted(error);
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            // Not counted: the disk of the backups need not be that of the store.
            throw AsSeen(error)!;
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Its file, for what is done to it as a whole: one at a time.</summary>
    internal StoreFile File => _file;

    internal SemaphoreSlim Maintenance { get; } = new(1);

    /// <summary>Closes the store, does something to its file, and serves it again. Calls are refused meanwhile, also those that wait.</summary>
    internal async Task ReplaceAsync(Action replace)
    {
        string? before;
        Enter();
        try
        {
            if (_closing) throw Refusal.Of(ErrorReason.ServerShuttingDown, "The server is stopping.").ToException();
            if (_quarantine == BeingRestored) throw OutOfService();
            before = _quarantine;
            Volatile.Write(ref _quarantine, BeingRestored);
        }
        finally
        {
            _gate.Exit();
        }

        try
        {
            var limit = Environment.TickCount64 + (long)LongestClose.TotalMilliseconds;
            while (Volatile.Read(ref _leases) > 0)
            {
                if (Environment.TickCount64 > limit) throw OutOfService();
                await Task.Delay(5);
            }

            lock (_gate)
            {
                _open?.Dispose();
                _open = null;
                replace();
                (NewestPosition, _newestOwn) = (0, 0);
                Volatile.Write(ref _storageErrors, 0);
                before = null;
            }
        }
        finally
        {
            Volatile.Write(ref _quarantine, before);
        }

        // Whoever reads the log live finds another epoch.
        Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
    }

    /// <summary>The newest events of the log, in memory, with the source and epoch that the store stamps.</summary>
    internal (LogTail Tail, string Source, string Epoch) Newest()
    {
        var open = Acquire();
        Release();
        return (open.Tail, open.Source, open.Epoch);
    }

    /// <summary>What tells a call from all others in this store.</summary>
    internal CallKey KeyOf(Caller caller, Guid requestId, string method, IMessage request)
    {
        var open = Acquire();
        try
        {
            return open.Keys.KeyOf(caller, requestId, method, request);
        }
        finally
        {
            Release();
        }
    }

    internal bool TryClose()
    {
        // Whoever holds the gate uses the store or replaces its file: that is not waited for.
        if (!_gate.TryEnter()) return false;
        try
        {
            if (_open is null || Volatile.Read(ref _leases) > 0 || !_queue.IsEmpty) return false;
            _open.Dispose();
            _open = null;
            return true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Closes the store when its running reads and its running commit are done; what still waits is refused.</summary>
    public void Dispose()
    {
        var isFree = _gate.TryEnter(LongestClose);
        _closing = true;
        // Whoever opens it waits for a disk that does not answer, and ends with the process.
        if (!isFree) return;
        _gate.Exit();
        SpinWait.SpinUntil(() => Volatile.Read(ref _leases) == 0, LongestClose);
        lock (_gate)
        {
            _open?.Dispose();
            _open = null;
        }

        Maintenance.Dispose();
    }

    private OpenStore<TStore> Acquire()
    {
        OpenStore<TStore> open;
        bool isNew;
        Enter();
        try
        {
            if (_closing) throw Refusal.Of(ErrorReason.ServerShuttingDown, "The server is stopping.").ToException();
            if (_quarantine is not null) throw OutOfService();
            isNew = _open is null;
            open = _open ??= TryOpen();
            Interlocked.Increment(ref _leases);
            LastUsed = Environment.TickCount64;
        }
        finally
        {
            _gate.Exit();
        }

        try
        {
            if (isNew) OneMoreIsOpen?.Invoke();
            return open;
        }
        catch
        {
            // Who is refused releases nothing.
            Release();
            throw;
        }
    }

    /// <summary>Waits until nobody opens, closes or replaces the store; not for ever, for the disk of whoever does may not answer.</summary>
    private void Enter()
    {
        if (_gate.TryEnter(_settings.LongestOpening)) return;
        throw Refusal.Of(
            ErrorReason.StoreFailing, $"The store {Name} is being opened, and its disk has not answered for {_settings.LongestOpening.TotalSeconds} s; try again.").ToException();
    }

    private OpenStore<TStore> TryOpen()
    {
        try
        {
            return Open();
        }
        catch (Exception error) when (error is InvalidDataException or CryptographicException)
        {
            // Not this store's file, of a newer program, or not sealed with our key: no call can change that.
            var why = error is InvalidDataException ? error.Message : "its key is not the one that sealed it; restore the key";
            Volatile.Write(ref _quarantine, why + HowToRestore);
            throw OutOfService();
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw Noted(error);
        }
    }

    private void Release() => Interlocked.Decrement(ref _leases);

    private OpenStore<TStore> Open()
    {
        if (!_file.Exists)
        {
            switch (_presence())
            {
                case StorePresence.Unknown: throw Refusal.UnknownTenant().ToException();
                case StorePresence.Made: throw new InvalidDataException(_file.PlaceFault ??
                    "its file is missing; restore it from a backup, or without one let it begin empty (bw restore --empty)");
                default: _file.Create(); break;
            }
        }

        var open = new OpenStore<TStore>(_file);
        try
        {
            Volatile.Write(ref _parked, open.Parked);
            Opened?.Invoke();
            return open;
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }

    private RefusalException OutOfService() =>
        Refusal.Of(ErrorReason.StoreQuarantined, $"The store {Name} is out of service: {_quarantine}.").ToException();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
