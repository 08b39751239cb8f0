using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Store;

/// <summary>One queued write.</summary>
internal abstract class Operation<TStore>(WriteInfo info) where TStore : StoreContext
{
    public WriteInfo Info { get; } = info;

    /// <summary>Why it failed; null when it ran.</summary>
    public Exception? Outcome { get; set; }

    /// <summary>Nobody waits for it any more: it never ran.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Drops the operation when its caller is gone.</summary>
    public bool Abandon()
    {
        if (IsAbandoned) return true;
        // The caller's deadline runs on the wall clock, whatever clock stamps and refuses the future.
        if (DateTime.UtcNow > Info.Deadline) Outcome = Refusal.Of(ErrorReason.DeadlinePassed, "The deadline passed while the call waited; nothing was stored.").ToException();
        else if (Info.Cancel.IsCancellationRequested) Outcome = new OperationCanceledException(Info.Cancel);
        else return false;
        return IsAbandoned = true;
    }

    public abstract void Run(WriteSession<TStore> session);

    public abstract void Complete();

    public void Fail(Exception error)
    {
        Outcome = error;
        Complete();
    }
}

internal sealed class Operation<TStore, T>(WriteInfo info, Func<WriteSession<TStore>, T> run) : Operation<TStore>(info)
    where TStore : StoreContext
{
    // Its continuation runs elsewhere: the thread that drains the queue has the next batch to commit.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Answer => _answer.Task;

    public override void Run(WriteSession<TStore> session) => _result = run(session);

    public override void Complete()
    {
        switch (Outcome)
        {
            case null: _answer.TrySetResult(_result); break;
            case OperationCanceledException cancelled: _answer.TrySetCanceled(cancelled.CancellationToken); break;
            default: _answer.TrySetException(Outcome); break;
        }
    }
}
