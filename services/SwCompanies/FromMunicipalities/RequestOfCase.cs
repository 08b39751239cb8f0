using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>On which request for advice a case rests: UWV links requests, and hours are of cases.</summary>
internal static class RequestOfCase
{
    public static void Determined(
        CaseDetermined determined, ReceivedEvent received, LinkedCases cases, WriteSession<SwCompaniesPlatformStore> session)
    {
        if (determined.AdviceRequestId.Length == 0) return;
        var (request, caseId) = (Ids.Parse(determined.AdviceRequestId), AliasRows.IdOf(session, Ids.Parse(determined.CaseId)));
        LinkRows.Determine(session, request, new LinkedCase(received.Municipality!.Value.Code, caseId));
        if (!LinkRows.IsLinked(session, request)) return;
        LinkRows.AddChecks(session, [caseId]);
        session.AfterCommit(cases.Changed);
    }
}
