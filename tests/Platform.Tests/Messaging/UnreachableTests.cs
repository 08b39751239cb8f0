using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.TestProcesses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
        var transport = host.Services.GetRequiredService<BrokerTransport>();
        Assert.False(transport.TakeUnreachable("uwv"));
        await Assert.ThrowsAsync<RefusalException>(() => transport.ReadAsync(new SourceKey("uwv", tenant), new SourcePoint("", 0), 1, Cancel));
        Assert.True(transport.TakeUnreachable("uwv"));
        Assert.False(transport.TakeUnreachable("uwv"));
    }

    [Fact]
    public void Its_log_is_looked_for_again_within_two_seconds_however_long_it_was_away()
    {
        var follower = new Follower(new SourceKey("uwv", null));
        var held = Enumerable.Range(0, 20).Select(_ => follower.HoldBack(RefusalStatus.NameOf(ErrorReason.ServiceUnreachable), DateTimeOffset.UtcNow)).ToList();
        Assert.All(held, one => Assert.InRange(one.Delay, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)));
        // The log names it once, not at each try.
        Assert.Equal([true, .. Enumerable.Repeat(false, 19)], held.Select(one => one.IsNew));
        Assert.Equal((TimeSpan.FromSeconds(30), true), follower.HoldBack("SqliteException", DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Who_was_never_missing_is_heard_at_every_answer()
    {
        var host = await ServeAsync(options => On(Rabbit.Amqp, options));
        var answers = new List<(string Name, bool WasMissing)>();
        var missing = new Missing();
        using var neighbours = new Neighbours(
            "readers", ["municipalities"], PlatformClients.Of(host.Services), new Uri(Options.Authority),
            (neighbour, wasMissing) =>
            {
                lock (answers) answers.Add((neighbour.Name, wasMissing));
            },
            missing);
        await neighbours.StartAsync(Cancel);
        await EventuallyAsync(() => Task.FromResult(HeardOfOneNeverMissing() >= 2), "municipalities was heard twice, though it had answered before");
        await neighbours.StopAsync(Cancel);
        // Under load a question may be answered too late: it is logged, and only then an answer says so.
        lock (answers) Assert.InRange(answers.Count(answer => answer.WasMissing), 0, missing.Times);

        int HeardOfOneNeverMissing()
        {
            lock (answers) return answers.Count(answer => answer is { Name: "municipalities", WasMissing: false });
        }
    }

    /// <summary>How often somebody was logged as missing.</summary>
    private sealed class Missing : ILogger<Neighbours>
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning) Interlocked.Increment(ref _times);
        }
    }
}
