using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Finding webhooks and showing their deliveries as they stand in the contract.</summary>
static class WebhookMessages
{
    /// <summary>A webhook of this municipality, or NOT_FOUND.</summary>
    public static WebhookRow Webhook(this WriteSession<MunicipalityStore> session, string webhookId) =>
        session.Store.Webhooks.Find(Ids.Parse(webhookId)) ?? throw Refusal.NotFound("webhook").ToException();

    /// <summary>The delivery that the webhook waits for; null when the last one went well.</summary>
    public static DeliveryRow? Failing(this MunicipalityStore store, WebhookRow webhook) =>
        store.Deliveries.FirstOrDefault(row => row.WebhookId == webhook.WebhookId && row.Position > webhook.Position);

    public static Delivery ToMessage(this DeliveryRow row) => new()
    {
        DeliveryId = row.DeliveryId,
        EventId = row.EventId.Text(),
        Type = row.Type,
        Attempts = row.Attempts,
        Failure = row.Failure,
        HttpStatus = row.HttpStatus,
        FirstAttemptAt = row.FirstAttemptAt.ToTimestamp(),
        LastAttemptAt = row.LastAttemptAt.ToTimestamp(),
        NextAttemptAt = row.NextAttemptAt?.ToTimestamp(),
        DeliveredAt = row.DeliveredAt?.ToTimestamp(),
    };
}
