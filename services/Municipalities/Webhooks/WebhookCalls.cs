using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>WebhookService: which use case runs in which kind of session.</summary>
public sealed class WebhookCalls(Calls<MunicipalityStore, MunicipalitiesStore> calls, WebhookSettings settings, WebhookDeliveries deliveries)
    : WebhookService.WebhookServiceBase
{
    public override async Task<CreateWebhookResponse> CreateWebhook(CreateWebhookRequest request, ServerCallContext context)
    {
        var created = await calls.Write(
            request, context,
            (r, scope) => Webhooks.CreateWebhook.Prepare(r, settings, scope),
            (r, start, session) => Webhooks.CreateWebhook.Run(r, start, deliveries, session));
        return await calls.Read(request, context, (_, session) => Webhooks.CreateWebhook.Tell(created, session));
    }

    public override Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) =>
        calls.Read(request, context, Webhooks.ListWebhooks.Run);

    public override Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) => Webhooks.DeleteWebhook.Run(r, deliveries, session));

    public override Task<PauseWebhookResponse> PauseWebhook(PauseWebhookRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) => Webhooks.PauseWebhook.Run(r, deliveries, session));

    public override Task<ResumeWebhookResponse> ResumeWebhook(ResumeWebhookRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) => Webhooks.ResumeWebhook.Run(r, deliveries, session));

    public override Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context) =>
        calls.Read(request, context, Webhooks.ListDeliveries.Run);

    public override Task<RetryDeliveryResponse> RetryDelivery(RetryDeliveryRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, session) => Webhooks.RetryDelivery.Run(r, deliveries, session));
}
