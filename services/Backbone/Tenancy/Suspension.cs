using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Tenancy;

/// <summary>
/// What suspension refuses: the one rule, for calls that come and for streams that are open. A municipality that is suspended does
/// nothing anywhere, and nobody acts in its stores but whom the RPC serves all the same.
/// </summary>
internal static class Suspension
{
    /// <summary>Why a call is refused that asks a municipality's store, or that a municipality makes for one; null when it is not.</summary>
    public static Refusal? Of(TenantRegistry tenants, Caller caller, TenantId municipality, string method) =>
        IsSuspended(tenants, municipality) && !Access.ServesWhileSuspended(method, caller.Kind) ? Refused() : OfCaller(tenants, caller);

    /// <summary>Why whatever a caller calls is refused; null when it is not.</summary>
    public static Refusal? OfCaller(TenantRegistry tenants, Caller caller)
    {
        if (!caller.Is(OrganisationKind.Municipality)) return null;
        // A body that is no municipality itself does nothing once none of those is left that gave it a mandate.
        var isSuspended = TenantId.TryParse(caller.OrganisationId, out var own)
            ? IsSuspended(tenants, own)
            : caller.Tenants.Count > 0
                && caller.Tenants.All(code => TenantId.TryParse(code, out var given) && IsSuspended(tenants, given));
        return isSuspended ? Refused() : null;
    }

    private static bool IsSuspended(TenantRegistry tenants, TenantId municipality) =>
        tenants.Find(municipality) == TenantStanding.Suspended;

    private static Refusal Refused() => Refusal.Of(ErrorReason.TenantSuspended, "The municipality is suspended.");
}

/// <summary>Ends an open stream once suspension refuses its call.</summary>
public sealed class SuspensionWatch : IDisposable
{
    private readonly TenantRegistry _tenants;
    private readonly Func<Refusal?> _rule;
#pragma warning disable CA2213 // It may be cancelled while the stream ends; nobody uses the wait handle that there would be to free.
    private readonly CancellationTokenSource _suspended = new();
#pragma warning restore CA2213
    private Refusal? _refusal;

    /// <param name="tenants">The municipalities of the service.</param>
    /// <param name="rule">Why the call is refused now; null while it is not.</param>
    internal SuspensionWatch(TenantRegistry tenants, Func<Refusal?> rule)
    {
        (_tenants, _rule) = (tenants, rule);
        tenants.Changed += Look;
        Look(default);
    }

    /// <summary>Cancelled when the stream must end.</summary>
    public CancellationToken Suspended => _suspended.Token;

    /// <summary>Why it must; null while it need not.</summary>
    public Refusal? Refusal => Volatile.Read(ref _refusal);

    /// <inheritdoc/>
    public void Dispose() => _tenants.Changed -= Look;

    private void Look(TenantId changed)
    {
        if (_rule() is not { } refusal) return;
        Volatile.Write(ref _refusal, refusal);
        // Not here: who suspends would send the last words of all streams.
        _ = _suspended.CancelAsync();
    }
}
