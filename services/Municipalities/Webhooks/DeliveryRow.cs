using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>One event on its way to one webhook: never what is in it.</summary>
public sealed class DeliveryRow
{
    public long DeliveryId { get; init; }

    public required Guid WebhookId { get; init; }

    /// <summary>Of the event in the log.</summary>
    public required long Position { get; init; }

    public required Guid EventId { get; init; }

    /// <summary>Full CloudEvent type.</summary>
    public required string Type { get; init; }

    public int Attempts { get; private set; }

    /// <summary>Failed attempts of the running retry schedule.</summary>
    public int FailedInARow { get; private set; }

    /// <summary>Why the last attempt failed; UNSPECIFIED when it went well.</summary>
    public DeliveryFailure Failure { get; private set; }

    /// <summary>HTTP status of the last answer; 0 when there was none.</summary>
    public int HttpStatus { get; private set; }

    public required DateTimeOffset FirstAttemptAt { get; init; }

    public DateTimeOffset LastAttemptAt { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    public DateTimeOffset? DeliveredAt { get; private set; }

    /// <summary>Whether somebody asked for an attempt now.</summary>
    public bool Asked { get; private set; }

    /// <summary>What came of an attempt.</summary>
    public void Note(Attempt attempt)
    {
        (Attempts, LastAttemptAt, Failure, HttpStatus) = (Attempts + 1, attempt.EndedAt, attempt.Failure, attempt.HttpStatus);
        (Asked, NextAttemptAt) = (false, null);
        if (!attempt.Delivered) return;
        (DeliveredAt, FailedInARow) = (attempt.EndedAt, 0);
    }

    /// <summary>It is tried again by itself.</summary>
    public void TryAgain(DateTimeOffset at, int failedInARow) => (NextAttemptAt, FailedInARow) = (at, failedInARow);

    /// <summary>It is tried now, outside the schedule.</summary>
    public void Ask() => (Asked, FailedInARow) = (true, 0);

    /// <summary>It waits for its webhook to be resumed.</summary>
    public void Hold() => NextAttemptAt = null;

    /// <summary>It is due at once, with the whole schedule ahead.</summary>
    public void StartOver(DateTimeOffset now) => (NextAttemptAt, FailedInARow) = (now, 0);
}
