using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.FromUwv;

/// <summary>Requests in different municipalities are about one person: their hours count together, also those of before.</summary>
internal static class RequestsLinkedReaction
{
    public static void Apply(
        RequestsLinked linked, ReceivedEvent received, LinkedCases cases, WriteSession<SwCompaniesPlatformStore> session)
    {
        var requests = linked.Requests.Select(request => Ids.Parse(request.AdviceRequestId)).ToList();
        LinkRows.Link(session, requests, Ids.Parse(received.Id));
        LinkRows.AddChecks(session, LinkRows.CasesOf(session, requests).Distinct());
        session.AfterCommit(cases.Changed);
    }
}
