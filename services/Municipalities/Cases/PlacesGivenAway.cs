using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Cases of which a place was given to somebody else before it turned out to be taken.</summary>
static class PlacesGivenAway
{
    /// <summary>
    /// Looks at them again: what others hold, or the number, has changed, and there may be room for them now. Whatever changes
    /// either of the two in a store calls this.
    /// </summary>
    /// <param name="session">The write that changed it; the change must stand in the file already.</param>
    /// <param name="except">A case that was looked at just now; null for none.</param>
    public static void LookAgain(WriteSession<MunicipalityStore> session, Guid? except = null)
    {
        var named = session.Statement("SELECT case_id FROM cases WHERE discrepancies <> '' AND discrepancies LIKE ?1");
        named.Bind(1, $"%{(int)DiscrepancyKind.PlaceGivenAway}:%");
        var others = new List<Guid>();
        while (named.Step()) others.Add(named.Id(0));
        named.Reset();
        foreach (var other in others.Where(other => other != except)) Computed(other, session)?.Turn();
    }

    /// <summary>A case of somebody else; null when it cannot be computed, which is told at its next turn of the day and stops no act here.</summary>
    private static CaseRecord? Computed(Guid caseId, WriteSession<MunicipalityStore> session)
    {
        try
        {
            var record = CaseRecord.Of(session, session.Store.FindCase(caseId)!);
            _ = record.History.Course;
            return record;
        }
        catch (Exception error) when (StuckCases.IsOfCase(error))
        {
            return null;
        }
    }
}
