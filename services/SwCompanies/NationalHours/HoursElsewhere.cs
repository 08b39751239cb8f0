using BeschutWerk.Sector.Work;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>
/// What persons work in other municipalities, as known before a call decides; none for all but a few. Disposing of it says
/// that the call ended: then the hours are looked at again, for others may have changed theirs at the same moment.
/// </summary>
internal sealed class HoursElsewhere(IReadOnlyDictionary<Guid, List<Stretch>> ofCase, RunningChange? change) : IDisposable
{
    /// <summary>Nobody works elsewhere.</summary>
    public static readonly HoursElsewhere None = new(new Dictionary<Guid, List<Stretch>>(), change: null);

    /// <summary>The hours of the person of a case; empty for most.</summary>
    public IReadOnlyList<Stretch> Of(Guid caseId) => ofCase.TryGetValue(caseId, out var hours) ? hours : [];

    /// <inheritdoc/>
    public void Dispose() => change?.Dispose();
}
