using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>What becomes of an event that could not be handled.</summary>
internal static class EventFaults
{
    /// <summary>Whether the fault is not the event's: it is handled again, as it is, when the cause is gone.</summary>
    public static bool MustWait(Exception error, CancellationToken cancel) => error switch
    {
        GapException => true,
        OperationCanceledException => true,
        RefusalException refused => refused.Refusal.IsTransient || EndsByItself(refused.Refusal.Reason),
        RpcException call => EndsByItself(RefusalStatus.ReasonOf(call))
            || call.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted,
        HttpRequestException => true,
        ObjectDisposedException => cancel.IsCancellationRequested,
        _ => StorageFaults.IsStorage(error),
    };

    /// <summary>Somebody else ends it, and then the same event is handled: it must not be parked meanwhile.</summary>
    private static bool EndsByItself(ErrorReason reason) => reason == ErrorReason.TenantSuspended;

    /// <summary>Name of the fault, of a neighbour's refusal its reason; its text may hold what nobody may read.</summary>
    public static string Describe(Exception error) => error switch
    {
        UnknownVersionException => ParkReason.UnknownVersion,
        RefusalException refused => RefusalStatus.NameOf(refused.Refusal.Reason),
        RpcException call when RefusalStatus.ReasonOf(call) is var reason and not ErrorReason.Unspecified => RefusalStatus.NameOf(reason),
        _ => error.GetType().Name,
    };
}

/// <summary>The event before this one was not applied.</summary>
internal sealed class GapException : Exception;
