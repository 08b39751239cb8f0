using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.RabbitMq;
using BeschutWerk.TestProcesses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>A service that comes and goes may never be missing when it is asked; what could not be read from it must not wait for that.</summary>
public sealed class UnreachableTests(Broker broker) : BrokerTest(broker)
{
    [Fact]
    public async Task A_log_that_could_not_be_read_is_remembered_until_its_service_answers()
    {
        var host = await StartAsync(options => options with
        {
            Before = builder => (builder.Configuration["Messaging:RabbitMq"], builder.Configuration["Services:uwv"]) = (Rabbit.Amqp.ToString(), $"http://localhost:{FreePort.Next()}"),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        var transport = host.Services.GetRequiredService<RabbitMqTransport>();
        Assert.False(transport.TakeUnreachable("uwv"));
        await Assert.ThrowsAsync<RefusalException>(() => transport.ReadAsync(new SourceKey("uwv", tenant), new SourcePoint("", 0), 1, Cancel));
        Assert.True(transport.TakeUnreachable("uwv"));
        Assert.False(transport.TakeUnreachable("uwv"));
    }

    [Fact]
    public async Task Who_was_never_missing_is_heard_at_every_answer()
    {
        var host = await ServeAsync(options => On(Rabbit.Amqp, options));
        var answers = new List<(string Name, bool WasMissing)>();
        using var neighbours = new Neighbours(
            "readers", ["municipalities"], PlatformClients.Of(host.Services), new Uri(Options.Authority),
            (neighbour, wasMissing) =>
            {
                lock (answers) answers.Add((neighbour.Name, wasMissing));
            },
            NullLogger<Neighbours>.Instance);
        await neighbours.StartAsync(Cancel);
        // Under load the first question may be answered too late; then one of the answers says so, and the others are heard all the same.
        await EventuallyAsync(() => Task.FromResult(HeardOfOneNeverMissing() >= 2), "municipalities was heard twice, though it had answered before");
        await neighbours.StopAsync(Cancel);

        int HeardOfOneNeverMissing()
        {
            lock (answers) return answers.Count(answer => answer is { Name: "municipalities", WasMissing: false });
        }
    }
}
