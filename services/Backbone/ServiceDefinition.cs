using System.Reflection;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Backbone;

/// <summary>What a service says of itself when it is added to a process.</summary>
/// <typeparam name="TTenant">Store of one municipality.</typeparam>
/// <typeparam name="TPlatform">Store of what belongs to no municipality.</typeparam>
public sealed class ServiceDefinition<TTenant, TPlatform>
    where TTenant : StoreContext where TPlatform : StoreContext
{
    internal ServiceDefinition(string name) => Name = name;

    /// <summary>Service name, such as <c>uwv</c>.</summary>
    public string Name { get; }

    /// <summary>Keeps received events in the own log, so that one feed tells everything.</summary>
    public bool KeepReceived { get; set; }

    /// <summary>
    /// How long the platform store waits after an event for others, zero by default. A store that follows every municipality
    /// spends less on commits when many events share one.
    /// </summary>
    public TimeSpan Gather { get; set; }

    /// <summary>
    /// What a text that is kept as it is must not hold, such as the reason of an operator: notes what is wrong with it. Field, in proto
    /// names, and text.
    /// </summary>
    public Action<FieldChecks, string, string> CheckKeptText { get; set; } = (_, _, _) => { };

    /// <summary>
    /// Why a caller is refused who has nothing to do with the municipality that a call names; null for who has. It is asked before
    /// anything is said of the municipality: the store is null when no such one is known here, and the refusal must be the same.
    /// </summary>
    public Func<Caller, StoreHandle<TTenant>?, Refusal?>? Stranger { get; set; }

    /// <summary>Reactions that write the store of the municipality that the event concerns.</summary>
    public Reactions<TTenant, TTenant, TPlatform> Tenant { get; } = new();

    /// <summary>Reactions that write the platform store.</summary>
    public Reactions<TPlatform, TTenant, TPlatform> Platform { get; } = new();

    internal bool HasTenantStores => typeof(TTenant) != typeof(NoTenantStore);

    internal Assembly SchemaAssembly => typeof(TPlatform).Assembly;

    /// <summary>Every service but Municipalities itself follows which municipalities there are.</summary>
    internal void FollowTenants(Func<TenantRegistry> registry)
    {
        if (Name == "municipalities") return;
        Platform.On<TenantRegistered>("municipalities", (e, _, session) =>
        {
            var standing = TenantReactions.Remember(session, e.Municipality, e.Name, TenantStanding.Active);
            session.AfterCommit(() => registry().Set(TenantId.Parse(e.Municipality), standing));
        });
        Platform.On<TenantSuspended>("municipalities", (e, _, session) =>
        {
            TenantReactions.Change(session, e.Municipality, TenantStanding.Suspended);
            session.AfterCommit(() => registry().Suspended(TenantId.Parse(e.Municipality)));
        });
        Platform.On<TenantResumed>("municipalities", (e, _, session) =>
        {
            TenantReactions.Change(session, e.Municipality, TenantStanding.Active);
            session.AfterCommit(() => registry().Resumed(TenantId.Parse(e.Municipality)));
        });
    }
}

/// <summary>For a service that holds nothing per municipality.</summary>
public sealed class NoTenantStore(DbContextOptions<NoTenantStore> options) : StoreContext(options);
