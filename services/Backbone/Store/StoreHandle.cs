using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// One store of a service, open or not: its queue of writes, its reads, and the signal that its log grew. Writes wait in
/// memory; whoever drains the queue runs all that waited in one transaction, each in a savepoint of its own, and answers
/// only after the commit.
/// </summary>
/// <typeparam name="TStore">The service's store.</typeparam>
public sealed class StoreHandle<TStore> : IThreadPoolWorkItem, IDisposable where TStore : StoreContext
{
    private readonly StoreFile _file;
    private readonly StoreSettings _settings;
    private readonly Func<bool> _mayCreate;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Operation<TStore>> _queue = new();
    private TaskCompletionSource _changed = NewSignal();
    private OpenStore<TStore>? _open;
    private int _leases;
    private int _queued;
    private int _draining;
    private int _storageErrors;
    private string? _quarantine;

    internal StoreHandle(StoreFile file, StoreSettings settings, Func<bool> mayCreate) =>
        (_file, _settings, _mayCreate) = (file, settings, mayCreate);

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

    /// <summary>Own events were committed.</summary>
    internal Action<StoreName>? Committed { get; set; }

    internal Action? FileMade { get; set; }

    internal long LastUsed { get; private set; }

    internal bool IsOpen => Volatile.Read(ref _open) is not null;

    /// <summary>Queues an operation; completes after its commit, or with why it failed.</summary>
    public Task<T> WriteAsync<T>(WriteInfo info, Func<WriteSession<TStore>, T> operation)
    {
        if (Interlocked.Increment(ref _queued) > _settings.QueueCapacity)
        {
            Interlocked.Decrement(ref _queued);
            throw Refusal.Of(ErrorReason.WriteQueueFull, $"The write queue of {Name} is full.").ToException();
        }

        var queued = new Operation<TStore, T>(info, operation);
        _queue.Enqueue(queued);
        Schedule();
        return queued.Answer;
    }

    /// <summary>Reads in one snapshot.</summary>
    public T Read<T>(Caller caller, Func<ReadSession<TStore>, T> read)
    {
        var open = Acquire();
        try
        {
            return open.Read(caller, _settings.Clock.Today(), read);
        }
        catch (SqliteException error)
        {
            throw Storage(error);
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

    internal byte[] HashOfRequest(ReadOnlySpan<byte> request)
    {
        var open = Acquire();
        try
        {
            return open.Keys.HashOfRequest(request);
        }
        finally
        {
            Release();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var batch = new List<Operation<TStore>>();
        while (batch.Count < _settings.MostPerCommit && _queue.TryDequeue(out var operation)) batch.Add(operation);
        Interlocked.Add(ref _queued, -batch.Count);
        try
        {
            if (batch.Count > 0) RunBatch(batch);
        }
        finally
        {
            Volatile.Write(ref _draining, 0);
            // Back to the end of the line, so that one busy store leaves the others their turn.
            if (!_queue.IsEmpty) Schedule();
        }
    }

    internal bool TryClose()
    {
        lock (_gate)
        {
            if (_open is null || _leases > 0 || !_queue.IsEmpty) return false;
            _open.Dispose();
            _open = null;
            return true;
        }
    }

    /// <summary>Closes the store; waits for nobody.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _open?.Dispose();
            _open = null;
            _quarantine = "closed";
        }
    }

    private void Schedule()
    {
        if (Interlocked.CompareExchange(ref _draining, 1, 0) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void RunBatch(List<Operation<TStore>> batch)
    {
        OpenStore<TStore> open;
        try
        {
            open = Acquire();
        }
        catch (Exception error)
        {
            foreach (var operation in batch) operation.Fail(error);
            return;
        }

        try
        {
            var transaction = new WriteTransaction<TStore>(open, _settings.Clock);
            using (Instruments.Commit(Name, batch))
            {
                if (transaction.TryRun(batch) is { } lost)
                {
                    NoteStorageError(lost);
                    // Nobody was told anything. Each operation runs once more alone, also those that were refused:
                    // what refused them may have been rolled back with the rest.
                    foreach (var operation in batch.Where(operation => !operation.IsAbandoned))
                    {
                        if (transaction.TryRun([operation]) is { } again) operation.Outcome = Storage(again);
                    }
                }
                else
                {
                    _storageErrors = 0;
                }
            }

            foreach (var operation in batch)
            {
                if (operation.Outcome is SqliteException error) operation.Outcome = Storage(error);
            }

            if (transaction.LogGrew)
            {
                Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
                if (transaction.OwnEvents) Committed?.Invoke(Name);
            }
        }
        catch (Exception error)
        {
            // Whatever broke the writer itself: nobody may be told OK because of it.
            foreach (var operation in batch) operation.Outcome ??= Storage(error);
        }
        finally
        {
            Release();
            foreach (var operation in batch) operation.Complete();
        }
    }

    private OpenStore<TStore> Acquire()
    {
        lock (_gate)
        {
            if (_quarantine is { } why)
            {
                throw Refusal.Of(ErrorReason.StoreQuarantined, $"The store {Name} is out of service: {why}.").ToException();
            }

            try
            {
                _open ??= Open();
            }
            catch (SqliteException error)
            {
                throw Storage(error);
            }

            _leases++;
            LastUsed = Environment.TickCount64;
            return _open;
        }
    }

    private void Release()
    {
        lock (_gate) _leases--;
    }

    private OpenStore<TStore> Open()
    {
        if (!_file.Exists)
        {
            if (!_mayCreate())
            {
                _quarantine = "its file is missing";
                throw Refusal.Of(ErrorReason.StoreQuarantined, $"The file of {Name} is missing; restore it from a backup.").ToException();
            }

            _file.Create();
            FileMade?.Invoke();
        }

        return new OpenStore<TStore>(_file);
    }

    /// <summary>A storage error as its caller sees it.</summary>
    private Exception Storage(Exception error)
    {
        NoteStorageError(error);
        return error is SqliteException { SqliteErrorCode: Full }
            ? Refusal.Of(ErrorReason.StorageFull, "The disk is full; nothing of this call was stored.").ToException()
            : error;
    }

    private const int Full = 13;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private void NoteStorageError(Exception error)
    {
        if (error is not SqliteException sqlite) return;
        var hopeless = sqlite.SqliteErrorCode is Corrupt or NotADatabase;
        if (hopeless || (sqlite.SqliteErrorCode == IoError && ++_storageErrors >= _settings.StorageErrorsBeforeQuarantine))
        {
            Volatile.Write(ref _quarantine, $"SQLite reports {sqlite.SqliteExtendedErrorCode}; restore it from a backup");
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Limits of a store.</summary>
/// <param name="Clock">The clock that stamps and refuses the future.</param>
public sealed record StoreSettings(TimeProvider Clock)
{
    /// <summary>Writes that may wait; one more is RESOURCE_EXHAUSTED.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>Operations of one commit at the most.</summary>
    public int MostPerCommit { get; init; } = 256;

    /// <summary>I/O errors in a row after which a store takes no calls any more.</summary>
    public int StorageErrorsBeforeQuarantine { get; init; } = 3;

    /// <summary>Stores of one service that stay open; beyond it the least recently used are closed.</summary>
    public int MostOpen { get; init; } = 1024;
}
