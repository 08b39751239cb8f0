using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.National;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>The work queue: by due date, so that what is overdue comes first.</summary>
internal static class ListAdviceRequests
{
    /// <summary>Of one municipality, from its own store.</summary>
    public static ListAdviceRequestsResponse Run(ListAdviceRequestsRequest request, ReadSession<UwvStore> session)
    {
        var municipality = session.Tenant.Code;
        var visible = VisibleTo(session.Caller, session);
        return Page(request, session.Caller, visible, dossier => View.Of(dossier, municipality, assessment: null));
    }

    /// <summary>Only UWV names no municipality.</summary>
    public static void CheckFields(Caller caller, FieldChecks checks) =>
        checks.Require(caller.Is(OrganisationKind.Uwv), "municipality", "Must be given: only UWV lists the whole country.");

    /// <summary>Of the whole country, for UWV, from the index.</summary>
    public static ListAdviceRequestsResponse RunNational(ListAdviceRequestsRequest request, ReadSession<UwvPlatformStore> session)
    {
        return Page(request, session.Caller, session.Store.IndexedRequests, row => row.ToMessage());
    }

    private static IQueryable<Dossier> VisibleTo(Caller caller, ReadSession<UwvStore> session)
    {
        IQueryable<Dossier> dossiers = session.Store.Dossiers;
        switch (caller.Kind)
        {
            case OrganisationKind.Uwv:
                return dossiers;
            case OrganisationKind.Municipality:
                return dossiers.Where(dossier =>
                    dossier.Requester == Requester.Municipality || dossier.SharedBeforeAdvice || dossier.State == AdviceState.Issued);
            case OrganisationKind.Citizen when Citizens.RecordOf(caller, session) is { } record:
                return dossiers.Where(dossier => dossier.PersonId == record && dossier.Requester == Requester.Citizen);
            default:
                return dossiers.Where(_ => false);
        }
    }

    private static ListAdviceRequestsResponse Page<T>(
        ListAdviceRequestsRequest request, Caller caller, IQueryable<T> requests, Func<T, AdviceRequest> view)
        where T : class, IQueued
    {
        var page = new ListPage(request, caller);
        requests = request.State == AdviceState.Unspecified
            ? requests.Where(row => row.State == AdviceState.Requested || row.State == AdviceState.Assessed)
            : requests.Where(row => row.State == request.State);
        if (request.Requester != Requester.Unspecified)
        {
            requests = requests.Where(row => row.Requester == request.Requester);
        }
        if (request.DueBefore.ToDateOnlyOrNull() is { } dueBefore)
        {
            requests = requests.Where(row => row.DueOn < dueBefore);
        }
        if (page.After(QueuePosition.First) is var after && after != QueuePosition.First)
        {
            requests = requests.Where(row => row.DueOn > after.DueOn
                || (row.DueOn == after.DueOn && row.AdviceRequestId.CompareTo(after.AdviceRequestId) > 0));
        }

        var found = requests.OrderBy(row => row.DueOn).ThenBy(row => row.AdviceRequestId).Take(page.Limit).ToList();
        var (rows, next) = page.Cut(found, row => new QueuePosition(row.DueOn, row.AdviceRequestId).ToString());
        return new ListAdviceRequestsResponse { AdviceRequests = { rows.Select(view) }, NextPageToken = next };
    }
}
