using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>WebhookService: which use case runs in which kind of session.</summary>
public sealed class WebhookCalls(
    Calls<MunicipalityStore, MunicipalitiesStore> calls, ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime,
    WebhookSettings settings, WebhookDeliveries deliveries) : WebhookService.WebhookServiceBase
{
    public override async Task<CreateWebhookResponse> CreateWebhook(CreateWebhookRequest request, ServerCallContext context)
    {
        var created = await calls.Write(
            request, context,
            Webhooks.CreateWebhook.Prepare,
            (r, wish, session) => Webhooks.CreateWebhook.Run(r, wish, deliveries, session),
            (r, checks) => Webhooks.CreateWebhook.CheckFields(r, settings, type => runtime.FeedMayHold(type, ofMunicipality: true), checks));
        FailPoints.Hit("before-webhook-secret");
        var told = await calls.Read(request, context, (_, session) => Webhooks.CreateWebhook.Tell(created, session));
        StartOnceAnswered(TenantId.Parse(request.Municipality), Ids.Parse(told.WebhookId), context);
        return told;
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

    /// <summary>Delivery starts when the whole answer was sent; not when the caller went away before, or got a refusal instead.</summary>
    private void StartOnceAnswered(TenantId tenant, Guid webhookId, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        http.Response.OnCompleted(() =>
        {
            var wasAnswered = context.Status.StatusCode == StatusCode.OK && !http.RequestAborted.IsCancellationRequested;
            if (wasAnswered) deliveries.Told(tenant, webhookId);
            return Task.CompletedTask;
        });
    }
}
