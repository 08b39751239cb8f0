using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>The same in the platform store: the requests of the case that went are those of the case that stays.</summary>
internal static class JoinedCasesOfPersons
{
    public static void Joined(CandidateCorrected corrected, LinkedCases cases, WriteSession<SwCompaniesPlatformStore> session)
    {
        if (corrected.JoinedCaseId.Length == 0) return;
        var goes = Ids.Parse(corrected.JoinedCaseId);
        var stays = AliasRows.IdOf(session, Ids.Parse(corrected.CaseId));
        if (goes == stays) return;

        AliasRows.Join(session, stays, goes);
        if (LinkRows.IsLinkedCase(session, stays)) LinkRows.AddChecks(session, [stays]);
        session.AfterCommit(cases.Changed);
    }
}
