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
    private const int DefaultPageSize = 100;

    /// <summary>Of one municipality, from its own store.</summary>
    public static ListAdviceRequestsResponse Run(ListAdviceRequestsRequest request, ReadSession<UwvStore> session)
    {
        var municipality = session.Municipality.Code;
        return Page(request, VisibleTo(session.Caller, session.Store.Dossiers), dossier => View.Of(dossier, municipality, assessment: null));
    }

    /// <summary>Of the whole country, for UWV, from the index.</summary>
    public static ListAdviceRequestsResponse RunNational(ListAdviceRequestsRequest request, ReadSession<UwvPlatformStore> session)
    {
        var checks = new FieldChecks();
        checks.Require(session.Caller.Is(OrganisationKind.Uwv), "municipality", "Must be given: only UWV lists the whole country.");
        checks.ThrowIfAny();
        return Page(request, session.Store.IndexedRequests, row => row.ToMessage());
    }

    private static IQueryable<Dossier> VisibleTo(Caller caller, IQueryable<Dossier> dossiers) => caller.Kind switch
    {
        OrganisationKind.Uwv => dossiers,
        OrganisationKind.Municipality => dossiers.Where(dossier =>
            dossier.Requester == Requester.Municipality || dossier.SharedBeforeAdvice || dossier.State == AdviceState.Issued),
        OrganisationKind.Citizen => dossiers.Where(dossier => dossier.AskedBy == caller.OrganisationId),
        _ => dossiers.Where(_ => false),
    };

    private static ListAdviceRequestsResponse Page<T>(ListAdviceRequestsRequest request, IQueryable<T> requests, Func<T, AdviceRequest> view)
        where T : class, IQueued
    {
        var page = requests;
        page = request.State == AdviceState.Unspecified
            ? page.Where(row => row.State == AdviceState.Requested || row.State == AdviceState.Assessed)
            : page.Where(row => row.State == request.State);
        if (request.Requester != Requester.Unspecified)
        {
            page = page.Where(row => row.Requester == request.Requester);
        }
        if (request.DueBefore.ToDateOnlyOrNull() is { } dueBefore)
        {
            page = page.Where(row => row.DueOn < dueBefore);
        }
        if (QueuePosition.Read(request.PageToken) is { } after)
        {
            page = page.Where(row => row.DueOn > after.DueOn || (row.DueOn == after.DueOn && row.AdviceRequestId.CompareTo(after.AdviceRequestId) > 0));
        }

        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var rows = page.OrderBy(row => row.DueOn).ThenBy(row => row.AdviceRequestId).Take(size + 1).ToList();
        var response = new ListAdviceRequestsResponse();
        response.AdviceRequests.AddRange(rows.Take(size).Select(view));
        if (rows.Count > size)
        {
            response.NextPageToken = new QueuePosition(rows[size - 1].DueOn, rows[size - 1].AdviceRequestId).ToToken();
        }
        return response;
    }
}
