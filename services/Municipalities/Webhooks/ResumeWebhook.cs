using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Goes on behind the last event that was delivered, with the whole retry schedule ahead.</summary>
static class ResumeWebhook
{
    public static ResumeWebhookResponse Run(ResumeWebhookRequest request, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
    {
        var webhook = session.Webhook(request.WebhookId);
        if (webhook.State == WebhookState.Active) throw Refusal.Of(ErrorReason.StateForbids, "The webhook delivers already.").ToException();
        webhook.Resume();
        session.Store.Failing(webhook)?.StartOver(session.Now);
        session.WakeAfterCommit(deliveries, webhook.WebhookId);
        return new ResumeWebhookResponse { WebhookId = request.WebhookId, State = webhook.State };
    }
}
