using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Stops delivering until it is resumed.</summary>
static class PauseWebhook
{
    public static PauseWebhookResponse Run(PauseWebhookRequest request, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
    {
        var webhook = session.Webhook(request.WebhookId);
        if (webhook.State == WebhookState.Paused) throw Refusal.Of(ErrorReason.StateForbids, "The webhook is paused already.").ToException();
        webhook.Pause(PauseReason.Requested, session.Now);
        session.Store.Failing(webhook)?.Hold();
        session.WakeAfterCommit(deliveries, webhook.WebhookId);
        return new PauseWebhookResponse { WebhookId = request.WebhookId, State = webhook.State };
    }
}
