using System.Collections.Concurrent;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Tenancy;

/// <summary>Whether a municipality takes part; stored as its number.</summary>
public enum TenantStanding
{
    /// <summary>Calls are served.</summary>
    Active = 1,

    /// <summary>Its own calls, and those for it, are refused; events are still applied.</summary>
    Suspended = 2,
}

/// <summary>
/// The municipalities that one service knows, in memory. The truth is the <c>tenants</c> table of its platform store,
/// from which it is filled at start; who changes that table tells the registry after the commit.
/// </summary>
public sealed class TenantRegistry
{
    private readonly ConcurrentDictionary<TenantId, Entry> _tenants = new();

    private sealed record Entry(TenantStanding Standing, bool StoreMade);

    /// <summary>A municipality was added.</summary>
    public event Action<TenantId>? Added;

    /// <summary>A municipality was suspended or resumed.</summary>
    public event Action<TenantId>? Changed;

    /// <summary>All municipalities known here.</summary>
    public IEnumerable<TenantId> All => _tenants.Keys;

    /// <summary>How many municipalities are known here.</summary>
    public int Count => _tenants.Count;

    /// <summary>Where a municipality stands; null when it is not known here.</summary>
    public TenantStanding? Find(TenantId tenant) => _tenants.TryGetValue(tenant, out var entry) ? entry.Standing : null;

    /// <summary>A municipality takes part from now on.</summary>
    public void Registered(TenantId tenant) => Set(tenant, TenantStanding.Active);

    /// <summary>A municipality's calls are refused from now on.</summary>
    public void Suspended(TenantId tenant) => Set(tenant, TenantStanding.Suspended);

    /// <summary>A municipality's calls are served again.</summary>
    public void Resumed(TenantId tenant) => Set(tenant, TenantStanding.Active);

    /// <summary>What is known of the municipality's file.</summary>
    internal StorePresence Presence(TenantId tenant) =>
        !_tenants.TryGetValue(tenant, out var entry) ? StorePresence.Unknown
        : entry.StoreMade ? StorePresence.Made
        : StorePresence.NotMade;

    /// <summary>The municipality's file was made.</summary>
    /// <returns>Whether that was new.</returns>
    internal bool StoreMade(TenantId tenant)
    {
        while (_tenants.TryGetValue(tenant, out var entry) && !entry.StoreMade)
        {
            if (_tenants.TryUpdate(tenant, entry with { StoreMade = true }, entry)) return true;
        }

        return false;
    }

    internal void Set(TenantId tenant, TenantStanding standing, bool storeMade = false)
    {
        if (_tenants.TryAdd(tenant, new Entry(standing, storeMade)))
        {
            Added?.Invoke(tenant);
            return;
        }

        _tenants.AddOrUpdate(tenant, _ => new Entry(standing, storeMade), (_, entry) => new Entry(standing, entry.StoreMade || storeMade));
        Changed?.Invoke(tenant);
    }

    internal void KeepOnly(IReadOnlySet<TenantId> known)
    {
        foreach (var tenant in _tenants.Keys.Where(tenant => !known.Contains(tenant))) _tenants.TryRemove(tenant, out _);
    }
}
