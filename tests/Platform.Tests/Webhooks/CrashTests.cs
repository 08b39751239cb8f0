using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>The process of Municipalities is killed between what it does for a webhook and remembering it.</summary>
public sealed class CrashTests(LonelyMunicipalities platform) : IClassFixture<LonelyMunicipalities>
{
    private const string Amsterdam = MunicipalityPlatform.Amsterdam;

    [Fact]
    public async Task An_event_that_was_answered_and_not_remembered_comes_once_more_and_nothing_is_lost_or_out_of_order()
    {
        const int count = 8, diesAt = 4;
        await using var receiver = await Receiver.StartAsync();
        var webhooks = new WebhookService.WebhookServiceClient(platform.Municipality(Amsterdam));
        var created = await webhooks.CreateWebhookAsync(new CreateWebhookRequest { Municipality = Amsterdam, RequestId = MunicipalityPlatform.NewId(), Url = receiver.Url });
        await webhooks.PauseWebhookAsync(new PauseWebhookRequest { Municipality = Amsterdam, RequestId = MunicipalityPlatform.NewId(), WebhookId = created.WebhookId });
        var cases = new List<string>();
        for (var i = 0; i < count; i++) cases.Add(await platform.OpenedAsync());

        // Known to be paused: it dies when it is resumed, and not before.
        await platform.RestartServiceAsync($"after-webhook-answer:{diesAt}");
        var resume = new ResumeWebhookRequest { Municipality = Amsterdam, RequestId = MunicipalityPlatform.NewId(), WebhookId = created.WebhookId };
        try
        {
            await webhooks.ResumeWebhookAsync(resume);
        }
        catch (RpcException died) when (died.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
        {
            // It may die before it answers.
        }

        await platform.DiedAsync();
        Assert.Equal(cases.Take(diesAt), receiver.All.Select(request => request.Event.Subject));

        // Nobody calls: what is left comes by itself, from the event on that was not remembered.
        await platform.RestartServiceAsync(failPoint: null);
        Assert.Equal([.. cases.Take(diesAt), .. cases.Skip(diesAt - 1)], (await receiver.NextAsync(count + 1)).Select(e => e.Subject));
        await PlatformFixture.Eventually(
            async () => (await webhooks.ListWebhooksAsync(new ListWebhooksRequest { Municipality = Amsterdam })).Webhooks[0].EventsWaiting == 0, "all is remembered");
        Assert.Equal(count + 1, receiver.All.Count);
        var deliveries = (await webhooks.ListDeliveriesAsync(new ListDeliveriesRequest { Municipality = Amsterdam, WebhookId = created.WebhookId })).Deliveries;
        Assert.All(deliveries, delivery => Assert.Equal(1, delivery.Attempts));
    }
}

/// <summary>Municipalities in a process of its own without neighbours or broker; the token server is here.</summary>
public sealed class LonelyMunicipalities : MunicipalityPlatform
{
    private readonly ServiceUnderTest _service;
    private readonly GrpcChannel _channel;

    public LonelyMunicipalities()
    {
        _service = new ServiceUnderTest("Municipalities");
        _channel = PlatformChannel.To(_service.Address);
    }

    /// <summary>Starts the process again; it kills itself where the fail point says.</summary>
    public async Task RestartServiceAsync(string? failPoint)
    {
        await _service.KillAsync();
        _service.Start(
            [
                $"--Data:Folder={Options.DataFolder}", $"--Identity:Authority={Options.Authority}", $"--Grpc:Port={_service.GrpcPort}", $"--Http:Port={_service.HttpPort}",
                "--Messaging:RabbitMq=", "--Webhooks:AllowHttp=true", "--Webhooks:AllowedNetworks=127.0.0.1/32", $"--Reference:Folder={Options.Settings["Reference:Folder"]}",
            ],
            failPoint);
        await Eventually(ServesAsync, $"it serves; it wrote {_service.Output}");
    }

    /// <summary>Waits for its end.</summary>
    public Task DiedAsync() => _service.ExitAsync(TimeSpan.FromSeconds(20));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _channel.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task PopulateAsync() => await Tenants.RegisterTenantAsync(Register(Amsterdam));

    protected override async Task StartAsync()
    {
        App = IdentityProcess.Build([$"--Data:Folder={Options.DataFolder}", $"--Http:Port={Options.HttpPort}", "--Logging:LogLevel:Default=Warning"]);
        await App.StartAsync();
        await RestartServiceAsync(failPoint: null);
    }

    protected override async Task StopAsync()
    {
        await _service.KillAsync();
        await App.StopAsync();
        await App.DisposeAsync();
    }

    protected override CallInvoker Invoker(Func<CancellationToken, ValueTask<string>> token) => _channel.As(token);

    private async Task<bool> ServesAsync()
    {
        try
        {
            var health = await new Health.HealthClient(_channel).CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow.AddSeconds(2));
            return health.Status == HealthCheckResponse.Types.ServingStatus.Serving;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return false;
        }
    }
}
