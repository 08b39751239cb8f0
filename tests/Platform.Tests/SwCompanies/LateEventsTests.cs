using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>What a municipality recorded and no event has told yet: the company's report asks for it.</summary>
public sealed class LateEventsTests(LateEventsTests.DeafPlatform platform) : IClassFixture<LateEventsTests.DeafPlatform>
{
    [Fact]
    public async Task A_report_asks_for_what_has_not_arrived()
    {
        var candidate = await platform.AcceptedAsync();
        await platform.AsCompany().ReportPlacementAsync(Request(candidate));
    }

    [Fact]
    public async Task A_stream_asks_too_and_keeps_its_order()
    {
        var (known, late) = (await platform.AcceptedAsync(), await platform.AcceptedAsync());
        await platform.AsCompany().ReportPlacementAsync(Request(known, Report(known, Start, Start, 60)));
        late = await platform.AcceptedAsync();
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(30));
        // The second of the late person only fits when the first, which had to wait, came first.
        var items = new[] { Report(late, Start, Start.AddDays(9), 2400), Report(known, Start.AddDays(1), Start.AddDays(1)), Report(late, Start.AddDays(9), Start.AddDays(9), 1) }
            .Select(report => new PlacementItem { PlacementId = NewId(), Report = report }).ToList();
        await call.RequestStream.SendAsync(new ReportPlacementsRequest { Municipality = Amsterdam, Items = { items } });

        var answers = new List<PlacementAnswer>();
        await foreach (var response in call.ResponseStream.ReadAllAsync()) answers.AddRange(response.Answers);

        Assert.Equal(items.Select(item => item.PlacementId), answers.Select(answer => answer.PlacementId));
        Assert.Equal(
            [ErrorReason.Unspecified, ErrorReason.Unspecified, ErrorReason.HoursExceedForty],
            answers.Select(answer => answer.Refusal?.Reason ?? ErrorReason.Unspecified));
    }

    [Fact]
    public async Task When_it_cannot_ask_it_says_so_and_stores_nothing()
    {
        var candidate = await platform.AcceptedAsync();
        var request = Request(candidate);
        platform.Reachable = false;
        try
        {
            var refused = await RefusedAsync(platform.AsCompany().ReportPlacementAsync(request, deadline: DateTime.UtcNow.AddSeconds(20)));
            Assert.Equal((ErrorReason.ServiceUnreachable, StatusCode.Unavailable), (refused.Reason, refused.Code));
        }
        finally
        {
            platform.Reachable = true;
        }

        await platform.AsCompany().ReportPlacementAsync(request);
    }

    /// <summary>SwCompanies hears nothing of Municipalities' cases by itself.</summary>
    public sealed class DeafPlatform : SwPlatform
    {
        public bool Reachable { get; set; } = true;

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.AddSingleton<EventTransport>(services => new Deaf(new EmbeddedTransport(services), () => Reachable));
    }

    private sealed class Deaf(EmbeddedTransport inner, Func<bool> reachable) : EventTransport
    {
        public override void Committed(StoreName store)
        {
            if (store is not { Service: "municipalities", Tenant: not null }) inner.Committed(store);
        }

        public override Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel) => reachable() || source.Service != "municipalities"
            ? inner.ReadAsync(source, after, most, cancel)
            : throw Refusal.Of(ErrorReason.ServiceUnreachable, "Municipalities is out of reach.").ToException();
    }
}
