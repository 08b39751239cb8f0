using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;
using BeschutWerk.Platform.Tests.Messaging;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>What operators are told of metrics is what there is.</summary>
public sealed class MetricTableTests(TracedPlatform platform) : IClassFixture<TracedPlatform>
{
    [Fact]
    public void The_table_tells_every_metric_that_the_code_creates_and_no_other()
    {
        var created = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Instruments.Name) created.Add($"{instrument.Name} {KindOf(instrument)} {instrument.Unit}");
            },
        };
        // What counts webhooks and reached limits is made with the first of them. The token server has a class of that name too.
        RuntimeHelpers.RunClassConstructor(typeof(WebhookInstruments).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(Gauges).Assembly.GetType("BeschutWerk.Backbone.Telemetry.ReachedLimits", throwOnError: true)!.TypeHandle);
        // Tells at once of those that were created before; other tests' platforms have the same.
        listener.Start();
        Assert.Equal(MetricTable.Own.Select(row => $"{row.Metric} {row.Kind} {row.Unit}").Order(), created.Distinct().Order());
    }

    [Fact]
    public async Task What_is_exported_has_the_tags_of_the_table_and_nothing_is_missing_that_the_dashboard_uses()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => platform.Cases().GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = NewId() }).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        await BrokerTest.EventuallyAsync(
            () => Task.FromResult(Missing().Count == 0 && IsCounted() && Tenants().Contains(5)),
            () => $"the refusal is counted ({IsCounted()}), nothing is missing ({string.Join(", ", Missing())}), and UWV knows 5 municipalities ({string.Join(", ", Tenants())})");

        foreach (var point in platform.Collector.Points.Where(point => point.Scope == Instruments.Name))
        {
            var row = Assert.Single(MetricTable.Own, row => row.Metric == point.Metric);
            Assert.Equal(row.Tags.Split(", ").Order(), point.Tags.Keys.Order());
        }

        // Among others: a provider hears every meter of the process, in which other tests' platforms run too.
        bool IsCounted() => platform.Collector.Points.Exists(point => point.Metric == "beschutwerk.calls.refused" && point.Tags["reason"] == "NOT_FOUND"
            && point.Tags["service"] == "municipalities" && point.Tags["method"] == "/beschutwerk.municipalities.v1.CaseService/GetCase");

        List<double> Tenants() => [.. platform.Collector.Points.Where(point => point.Metric == "beschutwerk.tenants" && point.Tags["service"] == "uwv").Select(point => point.Value).Distinct()];

        // Garbage may not have been collected yet; what it would be called is .NET's.
        List<string> Missing() => [.. MetricTable.Foreign.Select(row => row.Metric).Except(["dotnet.gc.pause.time"]).Except(platform.Collector.Points.Select(point => point.Metric))];
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" => "counter",
        "ObservableGauge" => "gauge",
        "Histogram" => "histogram",
        var other => other,
    };
}
