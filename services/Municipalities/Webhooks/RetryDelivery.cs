using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Asks for one attempt now, whatever became of the earlier ones.</summary>
static class RetryDelivery
{
    public static RetryDeliveryResponse Run(RetryDeliveryRequest request, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
    {
        var webhook = session.Webhook(request.WebhookId);
        var delivery = session.Store.Deliveries.Find(request.DeliveryId);
        if (delivery?.WebhookId != webhook.WebhookId) throw Refusal.NotFound("delivery").ToException();
        delivery.Ask();
        session.WakeAfterCommit(deliveries, webhook.WebhookId);
        return new RetryDeliveryResponse { EventId = delivery.EventId.Text() };
    }
}
