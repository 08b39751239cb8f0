using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.BackboneTests;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>When a neighbour refuses a service's own token, whoever called that service hears nothing against its own.</summary>
public sealed class OwnTokenTests : NotesTest
{
    [Theory]
    [InlineData(null)] // a token of nobody
    [InlineData("municipalities")] // of a service that may not ask this
    public async Task A_service_whose_token_is_refused_answers_that_its_neighbour_cannot_be_reached(string? service)
    {
        var counted = new ConcurrentQueue<(string? Method, string? Reason)>();
        using var refusals = new MeterListener();
        refusals.InstrumentPublished = (instrument, all) =>
        {
            if (instrument is { Meter.Name: Instruments.Name, Name: "beschutwerk.calls.refused" }) all.EnableMeasurementEvents(instrument);
        };
        refusals.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string);
            counted.Enqueue((all["method"], all["reason"]));
        });
        refusals.Start();

        var host = await ServeAsync(options => options with
        {
            Adjust = builder => builder.Services.AddSingleton(provider => TokenOf(service, provider)),
        });
        // Its municipality is known to nobody here, so that the service asks its neighbour.
        var asked = new ListParkedEventsRequest { Service = "readers", Municipality = "GM9999" };
        var operations = new OperationsService.OperationsServiceClient(Operator(host));
        var refused = await Assert.ThrowsAsync<RpcException>(() => operations.ListParkedEventsAsync(asked).ResponseAsync);
        Assert.Equal((StatusCode.Unavailable, ErrorReason.ServiceUnreachable), (refused.StatusCode, RefusalStatus.ReasonOf(refused)));
        Assert.Contains(("/beschutwerk.backbone.v1.OperationsService/ListParkedEvents", "SERVICE_UNREACHABLE"), counted);
    }

    /// <summary>As when an operator took it back.</summary>
    [Fact]
    public async Task A_service_whose_token_is_refused_shows_another_one_at_its_next_call()
    {
        var host = await ServeAsync(options => options with
        {
            Adjust = builder => builder.Services.AddSingleton(provider =>
            {
                var (right, isRefused) = (TokenOf("uwv", provider), false);
                return new ServiceToken(
                    (service, cancel) => isRefused ? right.GetAsync(service, cancel) : ValueTask.FromResult("taken.back.token"), _ => isRefused = true);
            }),
        });
        var operations = new OperationsService.OperationsServiceClient(Operator(host));
        async Task<ErrorReason> AskAsync()
        {
            var asked = new ListParkedEventsRequest { Service = "readers", Municipality = "GM9999" };
            return RefusalStatus.ReasonOf(await Assert.ThrowsAsync<RpcException>(() => operations.ListParkedEventsAsync(asked).ResponseAsync));
        }

        // Who is refused first may be the service itself, which follows its neighbour; at the latest it is this call.
        await AskAsync();
        Assert.Equal(ErrorReason.MunicipalityNotFound, await AskAsync());
    }

    private ServiceToken TokenOf(string? service, IServiceProvider provider)
    {
        if (service is null) return new ServiceToken((_, _) => ValueTask.FromResult("no.valid.token"), _ => { });
        var credentials = provider.GetRequiredService<Clients>().IssueServiceCredentials([service])[service];
        var tokens = new AccessTokens(new HttpClient(), Options.Authority, credentials.ClientId, credentials.ClientSecret);
        return new ServiceToken((_, cancel) => tokens.GetAsync(cancel), _ => { });
    }
}
