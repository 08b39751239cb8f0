using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>
/// A person works more than forty hours a week in all municipalities together, or no longer does: the case names it while it is so.
/// </summary>
static class HoursChecked
{
    public static void Exceeded(HoursExceeded exceeded, ReceivedEvent received, WriteSession<MunicipalityStore> session) =>
        Hear(exceeded.CaseId, received, session);

    public static void ExcessEnded(HoursExcessEnded ended, ReceivedEvent received, WriteSession<MunicipalityStore> session) =>
        Hear(ended.CaseId, received, session);

    /// <summary>Of a case that is not here a discrepancy was named with the placement itself.</summary>
    private static void Hear(string caseId, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (session.FindCase(Ids.Parse(caseId)) is { } supportCase) session.Hear(supportCase, received.Position);
    }
}
