using System.Text.Json;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Platform.Tests.Messaging;
using BeschutWerk.Platform.Tests.OtherLanguages;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw broker</c>: with the user that it issues any AMQP client reads its own municipality's events, and nothing else.</summary>
[Collection(Users)]
public sealed class BrokerUserTests(Broker broker) : BrokerTest(broker)
{
    /// <summary>Tests that make the same user take turns: it is one user for all virtual hosts.</summary>
    public const string Users = "users of the broker";

    private const string Queue = "gm0363.inbox";

    private readonly string _adminFile = Path.GetTempFileName();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await File.WriteAllTextAsync(_adminFile, Uri.UnescapeDataString(Rabbit.Amqp.UserInfo));
    }

    public override async ValueTask DisposeAsync()
    {
        await BrokerAsync("revoke", Amsterdam, "--yes");
        File.Delete(_adminFile);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_Node_program_reads_plain_CloudEvents_of_its_own_municipality_and_is_refused_all_else()
    {
        var host = await StartOnBrokerAsync(options => options with { Readers = BackboneTests.NotesOptions.JustSee });
        await BoundAsync();
        var (ours, theirs) = (await host.RegisterAsync(Amsterdam), await host.RegisterAsync("GM0344"));
        var issued = await BrokerAsync("user", Amsterdam, "--json");
        Assert.Equal((0, ""), (issued.ExitCode, issued.Error));
        var (user, password) = (issued.Json.GetProperty("user").GetString(), issued.Json.GetProperty("password").GetString());
        Assert.Equal("gm0363", user);

        var node = NodeProgram.RunAsync("amqp.mjs", new
        {
            amqp = new UriBuilder(Rabbit.Amqp) { UserName = user, Password = password }.Uri, management = Rabbit.Api.BaseAddress, count = 3,
            queue = Queue, exchange = issued.Json.GetProperty("exchange").GetString(), bindingKey = issued.Json.GetProperty("bindingKey").GetString(),
            ownKey = "municipalities.case-opened.GM0363", otherKey = "*.*.GM0344", servicesQueue = "beschutwerk.readers",
        });
        await EventuallyAsync(async () => node.IsCompleted || (await Rabbit.AskAsync("bindings")).EnumerateArray().Any(binding => binding.GetProperty("destination").GetString() == Queue
            && binding.GetProperty("source").GetString() == "beschutwerk.events"), "the Node program's queue is bound");
        foreach (var text in new[] { "one", "two", "three" })
        {
            await host.AddAsync(theirs, "not ours");
            await host.AddAsync(ours, text);
        }

        var seen = await node;
        var received = seen.GetProperty("received").EnumerateArray().ToList();
        Assert.Equal(
            host.Log(ours).Select(logged => JsonDocument.Parse(CloudEventJson.Write(logged.Event)).RootElement).Select(Text),
            received.Select(message => Text(message.GetProperty("event"))));
        Assert.All(received, message => Assert.Equal("application/cloudevents+json", message.GetProperty("contentType").GetString()));
        Assert.All(received, message => Assert.EndsWith(".GM0363", message.GetProperty("routingKey").GetString(), StringComparison.Ordinal));

        var refused = seen.GetProperty("refused").EnumerateObject().ToDictionary(tried => tried.Name, tried => tried.Value.ToString());
        Assert.Equal("401", refused["management"]);
        Assert.True(refused.Remove("management") && refused.Count == 7);
        Assert.All(refused, tried => Assert.True(tried.Value == "403", $"{tried.Key}: {tried.Value}"));
        await EventuallyAsync(async () => await QueueLengthAsync() == 0, "nothing is left in the queue, nor came into it");
    }

    [Fact]
    public async Task A_new_password_ends_the_old_one_and_what_is_revoked_is_gone_with_its_queues()
    {
        await using var exchange = await Rabbit.ConnectAsync();
        await (await exchange.CreateChannelAsync()).ExchangeDeclareAsync("beschutwerk.events", "topic", durable: true, autoDelete: false);
        var first = (await BrokerAsync("user", Amsterdam)).Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["gm0363", first[1], Rabbit.Name, "beschutwerk.events", "*.*.GM0363", "gm0363.*"], first);
        await using (var connection = await ConnectAsync(first[1]))
        {
            var channel = await connection.CreateChannelAsync();
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync(Queue, "beschutwerk.events", "*.*.GM0363");
        }

        var file = Path.Combine(Folder, "password");
        Directory.CreateDirectory(Folder);
        var again = await BrokerAsync("user", Amsterdam, "--password-file", file, "--json");
        Assert.False(again.Json.TryGetProperty("password", out _));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await Assert.ThrowsAnyAsync<RabbitMQ.Client.Exceptions.BrokerUnreachableException>(() => ConnectAsync(first[1]));
        await using (var connection = await ConnectAsync((await File.ReadAllTextAsync(file, Cancel)).Trim()))
        {
            Assert.True(connection.IsOpen);
            // What it leaves unread is bounded.
            Assert.Equal(["gm0363"], (await Rabbit.AskAsync("operator-policies")).EnumerateArray().Select(policy => policy.GetProperty("name").GetString()));

            var revoked = await BrokerAsync("revoke", Amsterdam, "--yes");
            Assert.Equal((0, "User gm0363 is removed, and 1 queue(s) with it.\n"), (revoked.ExitCode, revoked.Output));
            await EventuallyAsync(() => Task.FromResult(!connection.IsOpen), "its connection is closed");
        }

        Assert.Empty((await Rabbit.AskAsync("queues")).EnumerateArray());
        Assert.Empty((await Rabbit.AskAsync("operator-policies")).EnumerateArray());
        Assert.Equal(1, (await BrokerAsync("revoke", Amsterdam, "--yes")).ExitCode);
    }

    [Fact]
    public async Task Without_an_administrator_that_the_broker_knows_nothing_is_made()
    {
        var file = Path.Combine(Folder, "password");
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(_adminFile, "guest:wrong", Cancel);
        var wrong = await BrokerAsync("user", Amsterdam, "--password-file", file);
        Assert.Equal((1, $"bw: The broker at {Rabbit.Api.BaseAddress} does not accept this user as its administrator.\n"), (wrong.ExitCode, wrong.Error));
        Assert.False(File.Exists(file));
        var away = await BwRun.InProcessAsync("broker", "user", Amsterdam, "--management", "http://localhost:1", "--admin-file", _adminFile);
        Assert.Equal(2, away.ExitCode);
        Assert.StartsWith("bw: Nothing answers as the broker's management at http://localhost:1/", away.Error, StringComparison.Ordinal);
        File.SetUnixFileMode(_adminFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.EndsWith($"others may read it: chmod 600 {_adminFile}.\n", (await BrokerAsync("user", Amsterdam)).Error, StringComparison.Ordinal);
        File.SetUnixFileMode(_adminFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(_adminFile, Uri.UnescapeDataString(Rabbit.Amqp.UserInfo), Cancel);
        Assert.Equal(3, (await BwRun.ProcessAsync(new Dictionary<string, string>(), "broker", "revoke", Amsterdam, "--admin-file", _adminFile)).ExitCode);
    }

    private static string Text(JsonElement json) => JsonSerializer.Serialize(json);

    private async Task<long> QueueLengthAsync() =>
        (await Rabbit.AskAsync("queues", "/" + Queue)).TryGetProperty("messages", out var messages) ? messages.GetInt64() : -1;

    private Task<RabbitMQ.Client.IConnection> ConnectAsync(string password) =>
        new RabbitMQ.Client.ConnectionFactory { Uri = new UriBuilder(Rabbit.Amqp) { UserName = "gm0363", Password = password }.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Cancel);

    private Task<BwRun> BrokerAsync(string verb, string municipality, params string[] more) => BwRun.InProcessAsync(
        ["broker", verb, municipality, .. more, "--management", $"{Rabbit.Api.BaseAddress}", "--vhost", Rabbit.Name, "--admin-file", _adminFile]);
}
