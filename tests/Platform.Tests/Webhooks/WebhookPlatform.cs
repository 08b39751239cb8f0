using System.Collections.Concurrent;
using System.Net;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Host;
using BeschutWerk.Identity;
using BeschutWerk.Municipalities.Webhooks;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>A platform whose webhooks may go to 127.0.0.1 and nowhere else inside, by names that a test makes up.</summary>
public sealed class WebhookPlatform : MunicipalityPlatform
{
    public JumpingClock Clock { get; } = new();

    /// <summary>What each name leads to, resolution by resolution; the last stays.</summary>
    internal ConcurrentDictionary<string, ConcurrentQueue<IPAddress[]>> Names { get; } = new();

    /// <summary>Runs between the commit of a webhook and the answer to CreateWebhook.</summary>
    public Func<ServerCallContext, Task> BeforeCreated { get; set; } = _ => Task.CompletedTask;

    public WebhookService.WebhookServiceClient Webhooks(string code = Amsterdam) => new(Municipality(code));

    /// <summary>Calls with a token that is valid now, after the clock was put forward.</summary>
    public CallInvoker Now(string code) =>
        As(new ClientRegistration($"gemeente-{code}-{(long)Clock.Ahead.TotalMinutes}", IdentityKind.Municipality, code, code, [code]));

    /// <summary>The same of WebhookService.</summary>
    public WebhookService.WebhookServiceClient WebhooksNow(string code = Amsterdam) => new(Now(code));

    internal async Task<Hook> HookAsync(string url, string code = Amsterdam, Action<CreateWebhookRequest>? with = null)
    {
        var request = new CreateWebhookRequest { Municipality = code, RequestId = NewId(), Url = url };
        with?.Invoke(request);
        return new Hook(this, code, await Webhooks(code).CreateWebhookAsync(request));
    }

    /// <summary>Waits until the webhook with that URL is listed like that.</summary>
    public async Task<Webhook> EventuallyListed(string code, string url, Func<Webhook, bool> condition)
    {
        Webhook? seen = null;
        await Eventually(IsSeenAsync, "the webhook is listed like that");
        return seen!;

        async Task<bool> IsSeenAsync()
        {
            var listed = await WebhooksNow(code).ListWebhooksAsync(new ListWebhooksRequest { Municipality = code });
            seen = listed.Webhooks.SingleOrDefault(webhook => webhook.Url == url);
            return seen is not null && condition(seen);
        }
    }

    /// <summary>The feed of a municipality behind a token.</summary>
    public async Task<ReadEventsResponse> FeedAsync(string after = "", string code = Amsterdam) =>
        await new EventService.EventServiceClient(Municipality(code)).ReadEventsAsync(new ReadEventsRequest { Municipality = code, After = after, PageSize = 1000 });

    protected override async Task PopulateAsync()
    {
        foreach (var code in new[] { Amsterdam, Utrecht, Groningen, Westerwolde }) await Tenants.RegisterTenantAsync(Register(code));
    }

    protected override PlatformOptions Configure(PlatformOptions options) => base.Configure(options) with { Clock = Clock };

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new WebhookSettings
        {
            AllowHttp = true,
            AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")],
            Resolve = ResolveAsync,
        });
        builder.Services.AddSingleton(new CreationGate(context => BeforeCreated(context)));
        builder.Services.Configure<GrpcServiceOptions>(options => options.Interceptors.Add<CreationGate>());
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        if (!Names.TryGetValue(host, out var answers)) return Dns.GetHostAddressesAsync(host, cancel);
        return Task.FromResult(answers.Count > 1 && answers.TryDequeue(out var next) ? next : answers.TryPeek(out next) ? next : []);
    }
}

/// <summary>Stands between the commit of a webhook and its answer.</summary>
internal sealed class CreationGate(Func<ServerCallContext, Task> pass) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var answer = await continuation(request, context);
        if (answer is CreateWebhookResponse) await pass(context);
        return answer;
    }
}

/// <summary>A webhook of a test, gone at its end.</summary>
internal sealed class Hook(WebhookPlatform platform, string code, CreateWebhookResponse created) : IAsyncDisposable
{
    public string Id => created.WebhookId;

    public string Secret => created.Secret;

    /// <summary>As it is listed.</summary>
    public async Task<Webhook> SeenAsync() =>
        (await platform.WebhooksNow(code).ListWebhooksAsync(new ListWebhooksRequest { Municipality = code })).Webhooks.Single(webhook => webhook.WebhookId == Id);

    /// <summary>Waits until it is listed like that.</summary>
    public async Task<Webhook> BecomesAsync(Func<Webhook, bool> condition, string what)
    {
        Webhook? seen = null;
        await Fixtures.PlatformFixture.Eventually(async () => condition(seen = await SeenAsync()), what);
        return seen!;
    }

    /// <summary>Its deliveries, newest first.</summary>
    public async Task<IReadOnlyList<Delivery>> DeliveriesAsync() =>
        (await platform.WebhooksNow(code).ListDeliveriesAsync(new ListDeliveriesRequest { Municipality = code, WebhookId = Id })).Deliveries;

    public async Task PauseAsync() =>
        await platform.WebhooksNow(code).PauseWebhookAsync(new PauseWebhookRequest { Municipality = code, RequestId = MunicipalityPlatform.NewId(), WebhookId = Id });

    public async Task ResumeAsync() =>
        await platform.WebhooksNow(code).ResumeWebhookAsync(new ResumeWebhookRequest { Municipality = code, RequestId = MunicipalityPlatform.NewId(), WebhookId = Id });

    public async Task RetryAsync(long deliveryId) =>
        await platform.WebhooksNow(code).RetryDeliveryAsync(new RetryDeliveryRequest { Municipality = code, RequestId = MunicipalityPlatform.NewId(), WebhookId = Id, DeliveryId = deliveryId });

    public async ValueTask DisposeAsync()
    {
        try
        {
            await platform.WebhooksNow(code).DeleteWebhookAsync(new DeleteWebhookRequest { Municipality = code, RequestId = MunicipalityPlatform.NewId(), WebhookId = Id });
        }
        catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
        {
            // The test deleted it itself.
        }
    }
}
