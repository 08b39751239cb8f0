using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Store;

/// <content>The queue of writes and who drains it.</content>
public sealed partial class StoreHandle<TStore>
{
    /// <summary>Queues an operation; completes after its commit, or with why it failed.</summary>
    /// <param name="info">Who asks, and for how long.</param>
    /// <param name="operation">Runs in the transaction.</param>
    /// <param name="here">
    /// The caller has nothing else to do: when nobody else writes, it is committed on the caller's thread. Waking one that commits and
    /// one that goes on takes as long as the disk does. Writes that come together are gathered as ever.
    /// </param>
    public Task<T> WriteAsync<T>(WriteInfo info, Func<WriteSession<TStore>, T> operation, bool here = false)
    {
        if (Interlocked.Increment(ref _queued) > _settings.QueueCapacity)
        {
            Interlocked.Decrement(ref _queued);
            throw Refusal.Of(ErrorReason.WriteQueueFull, $"The write queue of {Name} is full.").ToException();
        }

        var queued = new Operation<TStore, T>(info, operation);
        _queue.Enqueue(queued);
        Schedule(here && Volatile.Read(ref _singlesInARow) >= SinglesBeforeHere);
        return queued.Answer;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var batch = new List<Operation<TStore>>();
        while (batch.Count < _settings.MostPerCommit && _queue.TryDequeue(out var operation)) batch.Add(operation);
        Interlocked.Add(ref _queued, -batch.Count);
        Volatile.Write(ref _singlesInARow, batch.Count == 1 ? Math.Min(_singlesInARow + 1, SinglesBeforeHere) : 0);
        try
        {
            if (batch.Count > 0) RunBatch(batch);
        }
        finally
        {
            // A full fence: were the queue looked at before this is seen, an operation that came in between would wait for the next one.
            Interlocked.Exchange(ref _draining, 0);
            // Back to the end of the line, so that one busy store leaves the others their turn.
            if (!_queue.IsEmpty) Schedule();
        }
    }

    private void Schedule(bool here = false)
    {
        if (Interlocked.CompareExchange(ref _draining, 1, 0) == 0 && !(here && WriterThreads.TryLend(this))) WriterThreads.Add(this);
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

        var transaction = new WriteTransaction<TStore>(open, _settings.Clock);
        try
        {
            using (CommitInstruments.Commit(Name, batch))
            {
                if (transaction.TryRun(batch) is { } failed)
                {
                    // Run again, they would be flushed with success: of what the failed flush lost nothing would be told.
                    if (StorageFaults.IsFailedFlush(failed)) throw failed;
                    // Nobody was told anything. Each operation runs once more alone, also those that were refused:
                    // what refused them may have been rolled back with the rest.
                    foreach (var operation in batch.Where(operation => !operation.IsAbandoned))
                    {
                        if (transaction.TryRun([operation]) is { } again) operation.Outcome = again;
                    }
                }
            }
        }
        catch (Exception error)
        {
            // Whatever broke the writer itself: nobody may be told OK because of it.
            foreach (var operation in batch) operation.Outcome ??= error;
        }

        try
        {
            NoteHealth(batch.Select(operation => operation.Outcome));
            foreach (var operation in batch) operation.Outcome = AsSeen(operation.Outcome);
            Volatile.Write(ref _parked, open.Parked);
            if (transaction.LogGrew)
            {
                NewestPosition = transaction.LastPosition;
                Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
                FailPoints.Hit("before-wake");
                if (transaction.OwnEvents > 0)
                {
                    Volatile.Write(ref _newestOwn, open.Events.Sequence);
                    CommitInstruments.Raised(Name.Service, transaction.OwnEvents);
                    Committed?.Invoke(Name);
                }

                FailPoints.Hit("after-wake");
            }
        }
        catch (Exception error)
        {
            // Stored, but whoever follows was not told: the callers hear of it, and a repeated call gets its stored answer.
            foreach (var operation in batch) operation.Outcome ??= error;
        }
        finally
        {
            Release();
            foreach (var operation in batch) operation.Complete();
        }
    }
}
