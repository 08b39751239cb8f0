using System.Text;
using System.Text.Json;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.TestProcesses;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>What the default carrier puts on the broker.</summary>
public sealed class MassTransitTopologyTests(Broker broker) : TopologyTests(broker, MassTransit)
{
    [Fact]
    public async Task A_carrier_that_does_not_exist_refuses_the_start()
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() => StartAsync(options => On(Rabbit.Amqp, options, "MassTransit")));
        Assert.Equal("Messaging__Carrier=MassTransit is no carrier. Write masstransit or direct.", refused.Message);
    }
}

/// <summary>The same of the direct carrier.</summary>
public sealed class DirectTopologyTests(Broker broker) : TopologyTests(broker, Direct);

/// <summary>What stands on the broker, as <c>infra/README.md</c> tells operators and other AMQP clients.</summary>
public abstract class TopologyTests(Broker broker, string carrier) : BrokerTest(broker, carrier)
{
    [Fact]
    public async Task A_service_has_one_quorum_queue_whose_limits_are_its_own_arguments()
    {
        await StartOnBrokerAsync();
        await BoundAsync();
        var queues = (await Rabbit.AskAsync("queues")).EnumerateArray().ToDictionary(queue => queue.GetProperty("name").GetString()!);

        var arguments = queues["beschutwerk.readers"].GetProperty("arguments");
        Assert.Equal("quorum", arguments.GetProperty("x-queue-type").GetString());
        Assert.Equal(Topology.DeliveryLimit, arguments.GetProperty("x-delivery-limit").GetInt32());
        Assert.Equal("beschutwerk.dead", arguments.GetProperty("x-dead-letter-exchange").GetString());
        Assert.Equal("beschutwerk.readers", arguments.GetProperty("x-dead-letter-routing-key").GetString());
        Assert.Equal("quorum", queues["beschutwerk.readers.dead"].GetProperty("arguments").GetProperty("x-queue-type").GetString());

        Assert.Equal(["beschutwerk.readers", "beschutwerk.readers.dead"], queues.Keys.Order());

        var exchanges = (await Rabbit.AskAsync("exchanges")).EnumerateArray().ToDictionary(exchange => exchange.GetProperty("name").GetString()!, exchange => exchange.GetProperty("type").GetString());
        Assert.Equal("topic", exchanges["beschutwerk.events"]);
        Assert.Equal("direct", exchanges["beschutwerk.dead"]);
        Assert.Equal(["beschutwerk.dead", "beschutwerk.events"], exchanges.Keys.Where(name => name.Length > 0 && !name.StartsWith("amq.", StringComparison.Ordinal)).Order());
        var keys = (await Rabbit.AskAsync("exchanges", "/beschutwerk.events/bindings/source")).EnumerateArray().Select(binding => binding.GetProperty("routing_key").GetString());
        Assert.Equal(["municipalities.*.*"], keys);
    }

    [Fact]
    public async Task A_delivery_that_nobody_finishes_ends_in_the_dead_letter_queue()
    {
        var host = await StartOnBrokerAsync();
        await BoundAsync();
        await host.DisposeAsync();

        await using var connection = await Rabbit.ConnectAsync();
        // Confirmed, and refused when no queue takes it: else a message that never came in would look like one that nobody delivers.
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancel);
        await EventuallyAsync(async () => (await channel.QueueDeclarePassiveAsync("beschutwerk.readers", Cancel)).ConsumerCount == 0, "the host consumes no more");
        await channel.BasicPublishAsync("beschutwerk.events", "municipalities.case-opened.GM0363", mandatory: true, Encoding.UTF8.GetBytes("kills"), Cancel);
        var deliveries = 0;
        BasicGetResult? dead = null;
        await EventuallyAsync(async () =>
        {
            if (await channel.BasicGetAsync("beschutwerk.readers", false, Cancel) is { } delivery)
            {
                deliveries++;
                await channel.BasicNackAsync(delivery.DeliveryTag, false, requeue: true, Cancel);
            }

            return (dead = await channel.BasicGetAsync("beschutwerk.readers.dead", true, Cancel)) is not null;
        }, () => $"the message is dead after {deliveries} deliveries");
        Assert.Equal("kills", Encoding.UTF8.GetString(dead!.Body.Span));
        Assert.InRange(deliveries, Topology.DeliveryLimit, Topology.DeliveryLimit + 1);
    }

    [Fact]
    public async Task Any_AMQP_client_reads_the_events_of_its_municipality_as_plain_CloudEvents_in_order()
    {
        await using var connection = await Rabbit.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync("beschutwerk.events", ExchangeType.Topic, durable: true, cancellationToken: Cancel);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: Cancel)).QueueName;
        await channel.QueueBindAsync(queue, "beschutwerk.events", "*.*.GM0363", cancellationToken: Cancel);
        var read = new List<(string Key, IReadOnlyBasicProperties Properties, byte[] Body)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            lock (read) read.Add((delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, Cancel);

        var host = await StartOnBrokerAsync();
        var (own, other) = (await host.RegisterAsync(Amsterdam), await host.RegisterAsync("GM0599"));
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.WhenAll(host.AddAsync(own, $"note {i}"), host.AddAsync(other, $"note {i}"))));
        await Eventually(() => Count() >= 500, $"500 messages, but {Count()}");

        var logged = host.Log(own);
        Assert.Equal(logged.Select(entry => entry.Event), read.Select(message => CloudEventJson.Read(message.Body)));
        Assert.All(read, message => Assert.Equal(
            ("municipalities.case-opened.GM0363", "application/cloudevents+json", true), (message.Key, message.Properties.ContentType, message.Properties.Persistent)));
        Assert.Equal(logged.Select(entry => entry.Event.Id), read.Select(message => message.Properties.MessageId));
        // Nothing of MassTransit. RabbitMQ.Client numbers what it wants confirmed in a header.
        Assert.All(read, message => Assert.DoesNotContain(message.Properties.Headers?.Keys ?? [], name => name != "x-dotnet-pub-seq-no"));
        Assert.All(read, message => Assert.False(
            message.Properties.IsCorrelationIdPresent() || message.Properties.IsReplyToPresent() || message.Properties.IsTypePresent()
            || message.Properties.IsAppIdPresent() || message.Properties.IsExpirationPresent() || message.Properties.IsTimestampPresent()));
        using var json = JsonDocument.Parse(read[0].Body);
        Assert.Equal(
            ["specversion", "id", "source", "type", "subject", "time", "sequence", "sequencetype", "gemeentecode", "actor", "datacontenttype", "data"],
            json.RootElement.EnumerateObject().Select(attribute => attribute.Name).Where(name => name is not ("traceparent" or "tracestate")));
        Assert.Equal("1", json.RootElement.GetProperty("sequence").GetString());
        Assert.Equal(logged[0].Event.Subject, json.RootElement.GetProperty("data").GetProperty("caseId").GetString());

        int Count()
        {
            lock (read) return read.Count;
        }
    }

    [Fact]
    public async Task What_is_no_event_or_of_no_municipality_is_parked_and_the_rest_flows()
    {
        // With ports: the follower asks Municipalities whether there is such a municipality.
        var host = await StartOnBrokerAsync(options => options with { Ports = (FreePort.Next(), FreePort.Next()) });
        await BoundAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "before");
        await SeenAsync(host, tenant, 1);

        await using var connection = await Rabbit.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        var stranger = host.Log(tenant)[0].Event.Clone();
        stranger.Source = stranger.Source.Replace("GM0363", "GM9999", StringComparison.Ordinal);
        stranger.Gemeentecode = "GM9999";
        // As a message of MassTransit, whose body and headers are not what they say.
        var odd = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json", MessageId = "no id", ReplyTo = "nowhere",
            Headers = new Dictionary<string, object?> { ["Content-Type"] = new byte[] { 0xff }, ["MT-Activity-Id"] = 7, ["MT-Message-Id"] = "no id" },
        };
        byte[][] bodies =
        [
            [], "no event"u8.ToArray(), "[1]"u8.ToArray(), Encoding.UTF8.GetBytes(new string('[', 100_000)), new byte[200_000], CloudEventJson.Write(stranger),
        ];
        foreach (var body in bodies)
        {
            // Twice: it is parked once.
            await channel.BasicPublishAsync("beschutwerk.events", "municipalities.case-opened.GM9999", body, Cancel);
            await channel.BasicPublishAsync("beschutwerk.events", "municipalities.case-opened.GM9999", mandatory: true, odd, body, Cancel);
        }

        await host.AddAsync(tenant, "after");
        await SeenAsync(host, tenant, 2);
        var parked = new List<ParkedEvent>();
        await Eventually(() => (parked = host.Readers.PlatformInbox.ListParked(null)).Count == bodies.Length, "each message is parked");
        Assert.Equal(bodies.Length - 1, parked.Count(one => one.Reason == ParkReason.Unreadable));
        Assert.Equal(stranger, parked.Single(one => one.Reason == ParkReason.UnknownMunicipality).Event);
        Assert.Contains(parked, one => one.Event.Data.Value.ToStringUtf8() == "no event");
        Assert.False(File.Exists(Path.Combine(Folder, "readers", "GM9999.db")));
        await EventuallyAsync(async () => (await Rabbit.AskAsync("queues", "/beschutwerk.readers.dead")).TryGetProperty("messages", out var left) && left.GetInt32() == 0, "nothing is dead");
        await AcknowledgedAsync();
        Assert.Equal(2, (await Rabbit.AskAsync("queues")).GetArrayLength());
    }

    [Fact]
    public async Task Messages_are_taken_in_the_order_of_the_queue_and_then_acknowledged()
    {
        var host = await StartOnBrokerAsync();
        await BoundAsync();
        await using var connection = await Rabbit.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        // What is parked tells the order; what is applied would be sorted by its sequence.
        var texts = Enumerable.Range(0, 300).Select(i => $"no event {i}").ToList();
        foreach (var text in texts)
        {
            await channel.BasicPublishAsync("beschutwerk.events", "municipalities.case-opened.GM0363", Encoding.UTF8.GetBytes(text), Cancel);
        }

        var parked = new List<ParkedEvent>();
        await Eventually(() => (parked = host.Readers.PlatformInbox.ListParked(null)).Count == texts.Count, "each message is parked");
        Assert.Equal(texts, parked.Select(one => one.Event.Data.Value.ToStringUtf8()));
        await AcknowledgedAsync();
    }

    private async Task AcknowledgedAsync()
    {
        await using var connection = await Rabbit.ConnectAsync();
        await EventuallyAsync(async () =>
        {
            var queue = await Rabbit.AskAsync("queues", "/beschutwerk.readers");
            return queue.TryGetProperty("messages", out var left) && left.GetInt32() == 0
                && queue.TryGetProperty("messages_unacknowledged", out var open) && open.GetInt32() == 0;
        }, "everything is acknowledged");
    }
}
