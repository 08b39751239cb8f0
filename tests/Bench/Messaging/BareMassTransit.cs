using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Bench;

/// <summary>One placement as a message of MassTransit.</summary>
public sealed record PlacementMessage(
    string PlacementId, string CaseId, string OfferId, string Municipality, string Company, DateOnly StartOn, DateOnly LastDay, int MinutesPerWeek, string Form, string Sector);

/// <summary>
/// A peer: MassTransit as it comes, publishing to and consuming from one quorum queue, with its own JSON envelope. Publisher
/// confirms with up to 1,000 in flight, prefetch 1,000. It stores nothing.
/// </summary>
internal sealed class BareMassTransit : IAsyncDisposable
{
    private const int InFlight = 1000;

    private readonly ServiceProvider _services;
    private readonly IBusControl _bus;
    private readonly Countdown _consumed;

    private BareMassTransit(ServiceProvider services, Countdown consumed) =>
        (_services, _bus, _consumed) = (services, services.GetRequiredService<IBusControl>(), consumed);

    public static async Task<BareMassTransit> StartAsync(Uri amqp)
    {
        var consumed = new Countdown();
        var services = new ServiceCollection().AddLogging().AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((_, rabbit) =>
            {
                rabbit.Host(amqp.Host, (ushort)amqp.Port, "/", host => host.PublisherConfirmation = true);
                rabbit.ReceiveEndpoint("bench-masstransit", endpoint =>
                {
                    endpoint.SetQuorumQueue();
                    endpoint.PrefetchCount = InFlight;
                    endpoint.Handler<PlacementMessage>(_ =>
                    {
                        consumed.Came();
                        return Task.CompletedTask;
                    });
                });
            });
        }).BuildServiceProvider();
        var masstransit = new BareMassTransit(services, consumed);
        await masstransit._bus.StartAsync();
        return masstransit;
    }

    /// <summary>Publishes a message for each row and waits until all were consumed.</summary>
    public Task<TimeSpan> CarryAsync(Row[] rows)
    {
        var messages = rows.Select(row => new PlacementMessage(
            row.PlacementId.ToString("D"), row.Candidate.CaseId.ToString("D"), row.Candidate.OfferId.ToString("D"), Workload.Municipality, Workload.Company,
            row.Day, row.Day, Row.MinutesPerWeek, $"{Row.Form}", $"{Row.Sector}")).ToList();
        var next = -1;
        return RawRabbit.TimeAsync(
            () => Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
            {
                while (Interlocked.Increment(ref next) is var i && i < messages.Count) await _bus.Publish(messages[i]);
            })),
            _consumed.Expect(rows.Length));
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.StopAsync();
        await _services.DisposeAsync();
    }
}
