using System.Collections.Concurrent;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>
/// The calls of this process that are changing hours. Their checks stand in the platform store already, and are looked at once the
/// call ended. In memory, so that the end of a call cannot fail, and no check waits for a call of a process that died.
/// </summary>
internal sealed class RunningChanges(LinkedCases linked)
{
    private readonly ConcurrentDictionary<Guid, bool> _checks = new();

    /// <summary>A call begins to change the hours of cases.</summary>
    public RunningChange Begin(IEnumerable<Guid> cases)
    {
        var change = new RunningChange(this, [.. cases.Select(caseId => (Ids.New(), caseId))]);
        foreach (var (check, _) in change.Checks) _checks.TryAdd(check, true);
        return change;
    }

    /// <summary>Whether the call of this check still runs. To be asked after the row was read: a call begins before its rows are stored.</summary>
    public bool Has(Guid checkId) => _checks.ContainsKey(checkId);

    /// <summary>The call ended, and the hours are to be looked at.</summary>
    public void End(RunningChange change)
    {
        foreach (var (check, _) in change.Checks) _checks.TryRemove(check, out _);
        linked.Wake();
    }
}

/// <summary>One of them; disposing of it says that the call ended, however it did.</summary>
/// <param name="changes">All of them.</param>
/// <param name="checks">What is to be looked at after it.</param>
internal sealed class RunningChange(RunningChanges changes, List<(Guid CheckId, Guid CaseId)> checks) : IDisposable
{
    /// <summary>What is to be looked at after it.</summary>
    public IReadOnlyList<(Guid CheckId, Guid CaseId)> Checks => checks;

    /// <inheritdoc/>
    public void Dispose() => changes.End(this);
}
