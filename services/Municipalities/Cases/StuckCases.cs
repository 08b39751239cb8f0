using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Cases that cannot be computed, for instance because one of their facts is damaged. Each is tried again the next day, and by the
/// next start.
/// </summary>
internal sealed class StuckCases(TimeProvider clock)
{
    private readonly ConcurrentDictionary<(TenantId Municipality, Guid CaseId), DateOnly> _since = new();

    /// <summary>How many are stuck today.</summary>
    public int Count => _since.Values.Count(day => day == clock.Today());

    /// <summary>Whether it is the case that failed: the storage has no such errors, and a caller who goes away is no fault.</summary>
    public static bool IsOfCase(Exception error) =>
        error is not (OperationCanceledException or RefusalException { Refusal.IsTransient: true }) && !StorageFaults.IsStorage(error);

    /// <summary>Whether it was tried in vain today.</summary>
    public bool Has(TenantId municipality, Guid caseId) =>
        !_since.IsEmpty && _since.TryGetValue((municipality, caseId), out var day) && day == clock.Today();

    /// <summary>Notes that it was tried in vain.</summary>
    /// <returns>Whether that is new today.</returns>
    public bool Add(TenantId municipality, Guid caseId)
    {
        var today = clock.Today();
        var isNew = true;
        _since.AddOrUpdate((municipality, caseId), today, (_, day) =>
        {
            isNew = day != today;
            return today;
        });
        return isNew;
    }

    /// <summary>It could be computed after all.</summary>
    public void Release(TenantId municipality, Guid caseId)
    {
        if (!_since.IsEmpty) _since.TryRemove((municipality, caseId), out _);
    }
}
