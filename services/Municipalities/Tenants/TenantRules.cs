using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>When a municipality's part in the platform may change.</summary>
public static class TenantRules
{
    /// <returns>Why it may not be suspended; null when it may.</returns>
    public static Refusal? Suspend(TenantStanding standing, DateOnly changedOn, DateOnly day) =>
        standing == TenantStanding.Suspended ? Refusal.Of(ErrorReason.StateForbids, "The municipality is suspended already.")
        : NotBefore(changedOn, day);

    /// <returns>Why it may not be resumed; null when it may.</returns>
    public static Refusal? Resume(TenantStanding standing, DateOnly changedOn, DateOnly day) =>
        standing == TenantStanding.Active ? Refusal.Of(ErrorReason.StateForbids, "The municipality is not suspended.")
        : NotBefore(changedOn, day);

    private static Refusal? NotBefore(DateOnly changedOn, DateOnly day) =>
        day < changedOn ? Refusal.Of(ErrorReason.DateBeforeItsBasis, "The day lies before the registration, suspension or resumption that it changes.") : null;
}
