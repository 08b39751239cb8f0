using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>What came of one request to a receiver.</summary>
/// <param name="EndedAt">When it was known.</param>
/// <param name="Failure">Why it failed; UNSPECIFIED when the receiver accepted the event.</param>
/// <param name="HttpStatus">What the receiver answered; 0 when it did not.</param>
public readonly record struct Attempt(DateTimeOffset EndedAt, DeliveryFailure Failure, int HttpStatus = 0)
{
    /// <summary>Whether the receiver accepted the event.</summary>
    public bool Delivered => Failure == DeliveryFailure.Unspecified;

    /// <summary>What an HTTP status says: only 2xx accepts, and no redirect is followed.</summary>
    public static DeliveryFailure FailureOf(int httpStatus) => httpStatus switch
    {
        >= 200 and < 300 => DeliveryFailure.Unspecified,
        >= 300 and < 400 => DeliveryFailure.Redirected,
        410 => DeliveryFailure.Gone,
        _ => DeliveryFailure.Status,
    };
}
