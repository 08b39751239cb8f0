using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>What follows a failed attempt: when the next one is, or that the webhook is paused.</summary>
/// <param name="Delay">Until the next attempt; null when there is none.</param>
/// <param name="Pause">Why the webhook is paused; UNSPECIFIED when it is not.</param>
/// <param name="FailedInARow">Attempts of the running schedule.</param>
public readonly record struct Consequence(TimeSpan? Delay, PauseReason Pause, int FailedInARow);

/// <summary>When a delivery that failed is tried again. No jitter: requests to one receiver come one by one anyway.</summary>
public static class RetrySchedule
{
    /// <summary>Time from the first attempt to each next one, without what the attempts took themselves. A test holds the README's table against it.</summary>
    public static readonly IReadOnlyList<TimeSpan> Elapsed =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(16), TimeSpan.FromHours(24),
    ];

    // Our own shortcoming, not the receiver's: it costs nothing of the schedule.
    private static readonly TimeSpan UntilUpgraded = TimeSpan.FromMinutes(15);

    /// <param name="failure">Why the attempt failed.</param>
    /// <param name="failedBefore">Attempts of this schedule that failed before it.</param>
    public static Consequence After(DeliveryFailure failure, int failedBefore) => failure switch
    {
        DeliveryFailure.Gone => new(null, PauseReason.Gone, failedBefore + 1),
        DeliveryFailure.UnknownVersion => new(UntilUpgraded, PauseReason.Unspecified, failedBefore),
        _ when failedBefore >= Elapsed.Count => new(null, PauseReason.Undeliverable, failedBefore + 1),
        _ => new(Elapsed[failedBefore] - (failedBefore > 0 ? Elapsed[failedBefore - 1] : TimeSpan.Zero), PauseReason.Unspecified, failedBefore + 1),
    };
}
