using System.Globalization;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>The deliveries of one webhook, newest first.</summary>
static class ListDeliveries
{
    private const int DefaultPageSize = 100;

    public static ListDeliveriesResponse Run(ListDeliveriesRequest request, ReadSession<MunicipalityStore> session)
    {
        var checks = new FieldChecks();
        var before = long.MaxValue;
        checks.Require(request.PageToken.Length == 0 || long.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out before), "page_token", ResumeToken.NoToken);
        checks.ThrowIfAny();

        var id = Ids.Parse(request.WebhookId);
        if (session.Store.Webhooks.Find(id) is null) throw Refusal.NotFound("webhook").ToException();
        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var rows = session.Store.Deliveries.Where(row => row.WebhookId == id && row.Position < before).OrderByDescending(row => row.Position).Take(size).ToList();
        var response = new ListDeliveriesResponse { NextPageToken = rows.Count < size ? "" : $"{rows[^1].Position}" };
        response.Deliveries.Add(rows.Select(row => row.ToMessage()));
        return response;
    }
}
