namespace BeschutWerk.Backbone.Store;

/// <summary>Runs operations in one durable transaction, several each in a savepoint, so that one that fails fails alone.</summary>
internal sealed class WriteTransaction<TStore>(OpenStore<TStore> open, TimeProvider clock) where TStore : StoreContext
{
    private readonly List<(Operation<TStore> Operation, Action Action)> _afterCommit = [];

    /// <summary>Whether committed operations appended to the log.</summary>
    public bool LogGrew { get; private set; }

    /// <summary>Position of the last event that they appended; 0 when they appended none.</summary>
    public long LastPosition { get; private set; }

    /// <summary>Own events that committed operations raised.</summary>
    public long OwnEvents { get; private set; }

    /// <summary>Runs the operations and commits. Sets each one's outcome.</summary>
    /// <remarks>What was only heard need not wait for the disk. What a caller is told, and what goes into our own log, must be there first.</remarks>
    /// <returns>Null, or the error that took the whole transaction with it: then nothing was stored.</returns>
    public Exception? TryRun(IReadOnlyList<Operation<TStore>> operations)
    {
        var toDisk = operations.Any(operation => !operation.Info.IsHeard);
        var now = clock.GetUtcNow().ToTheMillisecond();
        var today = Days.DayOf(now);
        // One alone needs no savepoint, for which SQLite copies every page before it changes: if it fails, all there is goes.
        var alone = operations.Count == 1;
        long before;
        _afterCommit.Clear();
        try
        {
            open.Begin(toDisk);
            open.Events.Begin();
            before = open.Events.Sequence;
            foreach (var operation in operations)
            {
                if (operation.Abandon()) continue;
                operation.Outcome = RunOne(operation, now, today, alone);
                if (operation.Outcome is null) continue;
                if (open.TransactionIsGone) return Lost(operation.Outcome);
                if (!alone) continue;
                open.Execute("ROLLBACK");
                return null;
            }

            if (!toDisk && open.Events.Mark.Appended > 0) throw new InvalidOperationException("What only listens must raise no event.");
            FailPoints.Hit("before-commit");
            open.Execute("COMMIT");
        }
        catch (Exception error)
        {
            if (!open.TransactionIsGone) open.Execute("ROLLBACK");
            return Lost(error);
        }

        FailPoints.Hit("after-commit");
        if (open.Events.Take() is { Count: > 0 } appended)
        {
            LogGrew = true;
            LastPosition = appended[^1].Position;
            open.Tail = open.Tail.With(appended, open.Source);
        }

        OwnEvents += open.Events.Sequence - before;
        if (open.Session.TakeParkedChanged()) open.CountParked();
        RunAfterCommit();
        return null;
    }

    /// <summary>What is stored stays stored: an action that throws fails only the call that asked for it.</summary>
    private void RunAfterCommit()
    {
        foreach (var (operation, action) in _afterCommit)
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                operation.Outcome ??= error;
            }
        }
    }

    private Exception? RunOne(Operation<TStore> operation, DateTimeOffset now, DateOnly today, bool alone)
    {
        var mark = open.Events.Mark;
        open.Session.Begin(operation.Info, now, today);
        if (!alone) open.Execute("SAVEPOINT operation");
        try
        {
            operation.Run(open.Session);
            open.Session.Flush();
            if (!alone) open.Execute("RELEASE operation");
            foreach (var action in open.Session.AfterCommits) _afterCommit.Add((operation, action));
            return null;
        }
        catch (Exception error)
        {
            open.ResetStatements();
            // Fails alone, unless SQLite itself ended the transaction.
            if (!alone && !open.TransactionIsGone)
            {
                open.Execute("ROLLBACK TO operation");
                open.Execute("RELEASE operation");
            }

            open.Events.ReturnTo(mark);
            return error;
        }
        finally
        {
            open.Session.Forget();
        }
    }

    private Exception Lost(Exception error)
    {
        open.Session.Forget();
        open.Events.Forget();
        return error;
    }
}
