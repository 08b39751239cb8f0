using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BeschutWerk.Faults;

/// <summary>
/// The broker delivers what it likes: between the exchange and the queues of two consumers stands a client that gives them
/// every event one to five times and in any order.
/// </summary>
internal sealed class Disorder : Fault
{
    private const double Rate = 150;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private const string Events = "beschutwerk.events";
    private const string Key = "swcompanies.*.*";
    private static readonly string[] Consumers = ["beschutwerk.municipalities", "beschutwerk.insight"];

    public override string Id => "F9";

    public override bool IsOfBroker => true;

    public override string What => "duplicates (×1 to ×5) and any order in the broker";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        await using var connection = await new ConnectionFactory { Uri = scenery.Platform.Broker.Amqp }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var arrived = new List<byte[]>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            lock (arrived) arrived.Add(delivery.Body.ToArray());
            return Task.CompletedTask;
        };
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.QueueBindAsync(queue, Events, Key);
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        foreach (var name in Consumers) await channel.QueueUnbindAsync(name, Events, Key);

        var random = new Random(extent.Seed);
        var (events, deliveries) = (0, 0);
        async Task ShuffleAsync()
        {
            List<byte[]> taken;
            lock (arrived)
            {
                taken = [.. arrived];
                arrived.Clear();
            }

            events += taken.Count;
            foreach (var name in Consumers)
            {
                var copies = taken.SelectMany(body => Enumerable.Repeat(body, random.Next(1, 6))).ToArray();
                random.Shuffle(copies);
                deliveries += copies.Length;
                foreach (var body in copies) await channel.BasicPublishAsync("", name, body);
            }
        }

        scenery.Work(Rate);
        var (wanted, watch) = (extent.Shared(200, 5000), Stopwatch.StartNew());
        while (events < wanted)
        {
            if (watch.Elapsed > Longest) throw new TimeoutException($"swcompanies published {events} of {wanted} events within {Longest.TotalSeconds:0} s; it wrote {scenery.Platform.Services["swcompanies"].Output}");
            await Task.Delay(random.Next(50, 500));
            await ShuffleAsync();
        }

        await scenery.FinishAsync();
        await Task.Delay(200);
        await ShuffleAsync();
        foreach (var name in Consumers) await channel.QueueBindAsync(name, Events, Key);
        await scenery.RestAsync();
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{events} events in {deliveries} deliveries to {Consumers.Length} consumers"), []);
    }
}
