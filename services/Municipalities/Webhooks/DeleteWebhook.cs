using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Removes a webhook. Its deliveries go with those of their age.</summary>
static class DeleteWebhook
{
    public static DeleteWebhookResponse Run(DeleteWebhookRequest request, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
    {
        var webhook = session.Webhook(request.WebhookId);
        session.Store.Webhooks.Remove(webhook);
        session.WakeAfterCommit(deliveries, webhook.WebhookId);
        return new DeleteWebhookResponse { WebhookId = request.WebhookId };
    }
}
