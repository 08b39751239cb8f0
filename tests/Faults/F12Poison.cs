using System.Globalization;
using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Bench;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Google.Protobuf;
using RabbitMQ.Client;

namespace BeschutWerk.Faults;

/// <summary>
/// Messages that are no events, and events that no consumer can handle: they are parked with their reason where operators
/// find them, and everything else flows.
/// </summary>
internal sealed class Poison : Fault
{
    private const double Rate = 100;
    private const double LeastShare = 0.95;
    private const string Actor = "sw:poison";
    private static readonly string[] Consumers = ["municipalities", "insight"];
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    public override string Id => "F12";

    public override bool IsOfBroker => true;

    public override string What => "poison messages and events";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var broken = new List<string>();
        var (platform, municipality) = (scenery.Platform, Platform.Municipalities[0]);
        var window = TimeSpan.FromSeconds(extent.Of(4, 20));

        // In the producer's log, as a newer program or a damaged one would have left them.
        await platform.Services["swcompanies"].KillAsync();
        var events = Events(platform, municipality);
        await platform.RestartAsync("swcompanies");

        scenery.Work(Rate);
        var calm = await AppliedAsync(scenery, window);
        var messages = await PublishAsync(platform, municipality, extent);
        var poisoned = await AppliedAsync(scenery, window);
        await scenery.RestAsync();

        foreach (var consumer in Consumers)
        {
            // Insight has one store for all municipalities; messages that are nobody's are in the platform's.
            var own = consumer == "insight" ? "" : municipality;
            var expected = new[] { (Store: own, Reasons: events.Values.AsEnumerable()), (Store: "", Reasons: messages.Values) };
            foreach (var store in expected.GroupBy(one => one.Store, one => one.Reasons))
            {
                await ParkedAsync(platform, consumer, store.Key, [.. store.SelectMany(reasons => reasons)], broken);
                await DropAllAsync(platform, consumer, store.Key);
            }
        }

        if (extent.Nightly && poisoned < LeastShare * calm) broken.Add($"the rest flowed at {poisoned / calm:0.00} of its speed");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{events.Count} events and {messages.Count} kinds of messages parked by {Consumers.Length} consumers; the rest at {poisoned / calm:0.00} of its speed ({calm:0} → {poisoned:0} placements a second)"),
            broken);
    }

    /// <summary>Appends events that cannot be handled to the log of swcompanies.</summary>
    /// <returns>Reasons by subject.</returns>
    private static Dictionary<string, string> Events(Platform platform, string municipality)
    {
        var notAnId = new PlacementEnded { PlacementId = "not-an-id", CaseId = "not-an-id", Version = 2, LastDay = new Google.Type.Date { Year = 2016, Month = 3, Day = 1 }, Reason = EndReason.Unspecified };
        (string Subject, string Type, byte[] Data, string Reason)[] poison =
        [
            ("poison-version", "nl.participatiewet.beschut-werk.placement-ended.v9", [], "UNKNOWN_VERSION"),
            ("poison-type", "placement-teleported", [], "UNKNOWN_VERSION"),
            ("poison-bytes", "placement-ended", [0xFF, 0xFF, 0xFF, 0x07], "InvalidProtocolBufferException"),
            ("poison-value", "placement-ended", notAnId.ToByteArray(), "FormatException"),
        ];
        using var log = StoreFile.Of(platform, "swcompanies", municipality);
        var source = log.Rows("SELECT epoch FROM store", row => StoreName.SourceOf("swcompanies", municipality, row.GetString(0))).Single();
        var (sequence, time) = log.Rows("SELECT max(sequence), max(time) FROM events WHERE source_id = 0", row => (row.GetInt64(0), row.GetInt64(1))).Single();
        var link = log.Rows("SELECT link FROM events ORDER BY position DESC LIMIT 1", row => row.GetFieldValue<byte[]>(0)).Single();
        foreach (var (subject, type, data, _) in poison)
        {
            var id = Guid.CreateVersion7().ToByteArray(bigEndian: true);
            link = AuditChain.OfEvent(link, source, ++sequence, id, type, subject, time, null, null, Actor, data);
            log.Execute(
                "INSERT INTO events (source_id, sequence, event_id, type, subject, time, actor, data, link) VALUES (0, $sequence, $id, $type, $subject, $time, $actor, $data, $link)",
                ("$sequence", sequence), ("$id", id), ("$type", type), ("$subject", subject), ("$time", time), ("$actor", Actor), ("$data", data), ("$link", link));
        }

        return poison.ToDictionary(one => one.Subject, one => one.Reason);
    }

    /// <summary>Publishes what is no event of the platform.</summary>
    /// <returns>Reasons by a name of their own.</returns>
    private static async Task<Dictionary<string, string>> PublishAsync(Platform platform, string municipality, Extent extent)
    {
        var deep = new string('[', 100_000);
        var nested = string.Concat(Enumerable.Repeat("{\"data\":", 50_000));
        Dictionary<string, byte[]> bodies = new()
        {
            ["empty"] = [],
            ["text"] = Encoding.UTF8.GetBytes("no event"),
            ["cut off"] = Encoding.UTF8.GetBytes("""{"specversion":"1.0","id":"01"""),
            ["deep list"] = Encoding.UTF8.GetBytes(deep),
            ["deep object"] = Encoding.UTF8.GetBytes(nested),
            ["huge"] = new byte[extent.Of(5, 50) * 1024 * 1024],
            ["nobody's source"] = Encoding.UTF8.GetBytes("""{"id":"0196f3f0-0000-7000-8000-000000000000","source":"urn:nobody","type":"t","subject":"s","time":"2026-01-01T00:00:00Z","sequence":"1","data":{}}"""),
        };
        await using var connection = await new ConnectionFactory { Uri = platform.Broker.Amqp }.CreateConnectionAsync();
        // With confirms: what is not confirmed when the channel closes, a quorum queue may drop.
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var body in bodies.Values)
        {
            // Twice: it is parked once.
            for (var i = 0; i < 2; i++) await channel.BasicPublishAsync("beschutwerk.events", $"swcompanies.placements-reported.{municipality}", body);
        }

        return bodies.ToDictionary(body => body.Key, _ => "UNREADABLE");
    }

    private static async Task<double> AppliedAsync(Scenery scenery, TimeSpan window)
    {
        var before = Placements(scenery.Platform);
        await Task.Delay(window);
        return (Placements(scenery.Platform) - before) / window.TotalSeconds;

        static long Placements(Platform platform)
        {
            using var insight = StoreFile.Of(platform, "insight", "platform");
            return insight.Number("SELECT count(*) FROM placements");
        }
    }

    private static async Task ParkedAsync(Platform platform, string service, string municipality, List<string> reasons, List<string> broken)
    {
        reasons.Sort(StringComparer.Ordinal);
        var found = new List<string>();
        try
        {
            await Platform.Until(
                async () =>
                {
                    var page = await platform.Operations.ListParkedEventsAsync(new ListParkedEventsRequest { Service = service, Municipality = municipality, PageSize = 500 });
                    found = [.. page.Parked.Select(parked => parked.Reason).Order(StringComparer.Ordinal)];
                    return found.Count >= reasons.Count;
                },
                Longest, () => $"{service} has parked {string.Join(", ", reasons)}");
        }
        catch (TimeoutException late)
        {
            broken.Add(late.Message);
        }

        if (!found.SequenceEqual(reasons)) broken.Add($"{service}/{municipality} parked {string.Join(", ", found)} instead of {string.Join(", ", reasons)}");
    }

    /// <summary>What an operator does who knows that nothing is lost with them.</summary>
    private static async Task DropAllAsync(Platform platform, string service, string municipality)
    {
        var parked = await platform.Operations.ListParkedEventsAsync(new ListParkedEventsRequest { Service = service, Municipality = municipality, PageSize = 500 });
        foreach (var one in parked.Parked)
        {
            await platform.Operations.DropParkedEventAsync(new DropParkedEventRequest
            {
                Service = service, Municipality = municipality, ParkedId = one.ParkedId, RequestId = Guid.CreateVersion7().ToString("D"), Reason = "Put there by a fault run.",
            });
        }
    }
}
