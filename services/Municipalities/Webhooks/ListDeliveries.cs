using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>The deliveries of one webhook, newest first.</summary>
static class ListDeliveries
{
    public static ListDeliveriesResponse Run(ListDeliveriesRequest request, ReadSession<MunicipalityStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var before = page.After(long.MaxValue);
        var id = Ids.Parse(request.WebhookId);
        if (session.Store.Webhooks.Find(id) is null) throw Refusal.NotFound("webhook").ToException();
        var found = session.Store.Deliveries.Where(row => row.WebhookId == id && row.Position < before)
            .OrderByDescending(row => row.Position).Take(page.Limit).ToList();
        var (rows, next) = page.Cut(found, row => $"{row.Position}");
        var response = new ListDeliveriesResponse { NextPageToken = next };
        response.Deliveries.Add(rows.Select(row => row.ToMessage()));
        return response;
    }
}
