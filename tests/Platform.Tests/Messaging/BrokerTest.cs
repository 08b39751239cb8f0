using BeschutWerk.Platform.Tests.BackboneTests;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>A test whose hosts meet on a virtual host of their own.</summary>
/// <param name="broker">The broker of the tests.</param>
/// <param name="carrier">The carrier under test, as <c>Messaging:Carrier</c> says it; by default that of the product.</param>
public abstract class BrokerTest(Broker broker, string? carrier = null) : NotesTest
{
    internal const string MassTransit = "masstransit";
    internal const string Direct = "direct";

    private VirtualHost? _rabbit;

    internal VirtualHost Rabbit => _rabbit!;

    public override async ValueTask InitializeAsync() => _rabbit = await broker.NewHostAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_rabbit is not null) await _rabbit.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal static NotesOptions On(Uri amqp, NotesOptions options, string? carrier = null) => options with
    {
        Before = builder => (builder.Configuration["Messaging:RabbitMq"], builder.Configuration["Messaging:Carrier"]) = (amqp.ToString(), carrier),
    };

    /// <summary>A host on the broker.</summary>
    internal Task<NotesHost> StartOnBrokerAsync(Func<NotesOptions, NotesOptions>? configure = null) =>
        StartAsync(options => On(Rabbit.Amqp, configure?.Invoke(options) ?? options, carrier));

    /// <summary>Waits until the follower's queue is bound: what is published before that finds nobody.</summary>
    internal Task BoundAsync() => EventuallyAsync(async () =>
    {
        var bindings = (await Rabbit.AskAsync("bindings")).EnumerateArray().Select(binding => binding.GetProperty("source").GetString()).ToList();
        return new[] { "beschutwerk.events", "beschutwerk.dead" }.All(bindings.Contains);
    }, "the follower's queue is bound");

    /// <summary>Polls until the condition holds; fails after 60 seconds.</summary>
    internal static Task EventuallyAsync(Func<Task<bool>> condition, string what) => EventuallyAsync(condition, () => what);

    /// <summary>The same, with what there was to see at the end.</summary>
    internal static async Task EventuallyAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var limit = Environment.TickCount64 + 60_000;
        while (!await condition())
        {
            if (Environment.TickCount64 > limit) Assert.Fail($"Not within 60 seconds: {what()}.");
            await Task.Delay(50, Cancel);
        }
    }
}
