using System.Text.RegularExpressions;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Cli.Broker;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Sector.Persons;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OrganisationKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>Whose a request is, is told to Insight by a pseudonym, and what belongs together to SwCompanies; to nobody else.</summary>
public sealed class RecognitionTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task A_person_has_one_pseudonym_in_every_municipality_and_links_only_where_there_are_several()
    {
        var (person, other) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var first = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var alone = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(other));
        var again = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(other));
        Assert.Empty(LinksOf(first));
        var second = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person, UwvPlatform.Utrecht));

        Assert.Equal(PseudonymOf(first), PseudonymOf(second));
        Assert.Equal(PseudonymOf(alone), PseudonymOf(again));
        Assert.NotEqual(PseudonymOf(first), PseudonymOf(alone));
        Assert.Equal(
            new[] { (UwvPlatform.Amsterdam, first), (UwvPlatform.Utrecht, second) }.ToHashSet(),
            Assert.Single(LinksOf(first)).Requests.Select(request => (request.Municipality, request.AdviceRequestId)).ToHashSet());
        Assert.Empty(LinksOf(alone));
        // The index finds by another hash than the one that is told.
        Assert.DoesNotContain(PseudonymOf(first), IndexHashes(person).SelectMany(hash => new[] { new Guid(hash.AsSpan(0, 16), bigEndian: true), new Guid(hash.AsSpan(16), bigEndian: true) }));
    }

    [Fact]
    public async Task A_correction_tells_anew_whose_it_is_and_what_belongs_together()
    {
        var (wrong, right) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var stays = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(wrong, UwvPlatform.Utrecht));
        var moves = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(wrong));
        Assert.Single(LinksOf(stays));

        await platform.AsService.CorrectPersonAsync(new CorrectPersonRequest
        {
            Municipality = UwvPlatform.Amsterdam, RequestId = UwvPlatform.NewId(), AdviceRequestIds = { moves }, Person = right, CorrectedOn = UwvPlatform.Issued.ToDate(),
        });

        Assert.NotEqual(PseudonymOf(stays), PseudonymOf(moves));
        Assert.Equal([stays], LinksOf(stays)[^1].Requests.Select(request => request.AdviceRequestId));
        Assert.Equal([moves], LinksOf(moves)[^1].Requests.Select(request => request.AdviceRequestId));

        var elsewhere = await platform.RequestedAsync(UwvPlatform.FromMunicipality(right, UwvPlatform.Utrecht));
        Assert.Equal(PseudonymOf(elsewhere), PseudonymOf(moves));
        Assert.Equal(2, LinksOf(moves)[^1].Requests.Count);
    }

    [Fact]
    public async Task What_was_never_told_is_told_after_a_start_and_only_once()
    {
        var person = UwvPlatform.NewPerson();
        var first = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var second = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person, UwvPlatform.Utrecht));
        var pseudonym = PseudonymOf(first);
        var (told, links) = (ToldOf(first).Count, LinksOf(first).Count);
        // As an index stands that is from before it was told.
        await platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session =>
            session.Command("UPDATE indexed_requests SET recognised = 0").ExecuteNonQuery());

        await platform.RestartAsync();
        await PlatformFixture.Eventually(() => Task.FromResult(Untold() == 0), "all is told");
        Assert.Equal((told + 1, links + 1, pseudonym), (ToldOf(first).Count, LinksOf(first).Count, PseudonymOf(first)));
        Assert.Equal(pseudonym, PseudonymOf(second));

        var before = Log().Count;
        await platform.RestartAsync();
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        Assert.Equal(before + 1, Log().Count);
    }

    [Fact]
    public async Task An_index_that_lost_its_rows_tells_again_what_it_learns_again()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var pseudonym = PseudonymOf(id);
        await platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session =>
            session.Command("DELETE FROM indexed_requests").ExecuteNonQuery() + session.Command("DELETE FROM sources WHERE service = 'uwv'").ExecuteNonQuery());

        await platform.RestartAsync();

        await PlatformFixture.Eventually(() => Task.FromResult(ToldOf(id).Count == 2), "it is told again");
        Assert.Equal(pseudonym, PseudonymOf(id));
    }

    [Theory]
    [InlineData("insight", "person-recognised")]
    [InlineData("swcompanies", "requests-linked")]
    [InlineData("municipalities", null)]
    [InlineData("uwv", null)]
    public async Task Each_service_sees_what_is_meant_for_it_and_of_the_rest_only_that_it_was(string service, string? seen)
    {
        var person = UwvPlatform.NewPerson();
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person, UwvPlatform.Utrecht));
        var client = new EventService.EventServiceClient(platform.As(new ClientRegistration("service-" + service, OrganisationKind.Service, service, service, [])));

        var own = await client.ReadEventsAsync(new ReadEventsRequest { Service = "uwv", OwnOnly = true, PageSize = 1000 });
        Assert.Equal(Enumerable.Range(1, own.Events.Count).Select(number => (long)number), own.Events.Select(read => read.Sequence));
        Assert.Equal(seen is null ? [] : [seen], own.Events.Where(read => read.Data.Value.Length > 0).Select(NameOf).Distinct());
        Assert.All(own.Events.Where(read => read.Data.Value.Length == 0), read => Assert.Equal("withheld", read.Subject));
        Assert.Equal(seen is null ? [] : [seen], (await client.ReadEventsAsync(new ReadEventsRequest { Service = "uwv", PageSize = 1000 })).Events.Select(NameOf).Distinct());
        Assert.Equal(seen is null ? [] : [seen], (await SubscribeAsync(client)).Select(NameOf).Distinct());
    }

    [Fact]
    public async Task An_operator_sees_neither_and_nobody_else_reads_the_log()
    {
        var person = UwvPlatform.NewPerson();
        var first = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person, UwvPlatform.Utrecht));
        var client = new EventService.EventServiceClient(platform.Operator());
        Assert.Empty((await client.ReadEventsAsync(new ReadEventsRequest { Service = "uwv", PageSize = 1000 })).Events);
        Assert.All((await client.ReadEventsAsync(new ReadEventsRequest { Service = "uwv", OwnOnly = true, PageSize = 1000 })).Events, read => Assert.Empty(read.Data.Value));
        Assert.Empty(await SubscribeAsync(client));
        var flow = await new OperationsService.OperationsServiceClient(platform.Operator()).GetFlowAsync(new GetFlowRequest { Ids = { first } });
        Assert.Contains(flow.Events, found => NameOf(found.Event) == "advice-issued");
        Assert.DoesNotContain(flow.Events, found => !Audience.IsOpen(found.Event));

        foreach (var other in new[] { platform.Municipality(UwvPlatform.Amsterdam), platform.SwCompany("wedeka"), platform.Uwv(), platform.Citizen("burger", UwvPlatform.Amsterdam), platform.Cedris(), platform.Ministry() })
        {
            await Assert.ThrowsAsync<RpcException>(() => new EventService.EventServiceClient(other).ReadEventsAsync(new ReadEventsRequest { Service = "uwv" }).ResponseAsync);
        }
    }

    [Fact]
    public void On_the_broker_no_key_of_anybody_else_takes_them()
    {
        foreach (var type in EventTypes.All.Where(type => type.OnlyService.Length > 0))
        {
            var key = Topology.RoutingKeyOf(new SourceKey("uwv", null), new CloudEvent { Type = type.CloudType });
            Assert.Equal($"uwv.{type.Name}.platform.{type.OnlyService}", key);
            var takers = BeschutWerk.Backbone.PlatformServices.Names.Where(service => Topology.BindingKeysOf(service, "uwv").Any(binding => Takes(binding, key)));
            Assert.Equal([type.OnlyService], takers);
            var user = new BrokerUser(UwvPlatform.Amsterdam);
            Assert.False(Takes(user.BindingKey, key));
            // The broker compares the key that a municipality binds: nothing with a fourth word, or a wildcard for any number, is allowed.
            var allowed = (string)user.TopicPermissions.GetType().GetProperty("read")!.GetValue(user.TopicPermissions)!;
            Assert.All(new[] { key, "#", "*.*.*.*", "uwv.#", $"*.*.{UwvPlatform.Amsterdam}.insight", "*.*.platform.insight" }, binding => Assert.DoesNotMatch(allowed, binding));
        }

        Assert.Equal($"uwv.advice-issued.{UwvPlatform.Amsterdam}", Topology.RoutingKeyOf(
            new SourceKey("uwv", BeschutWerk.Backbone.Store.TenantId.Parse(UwvPlatform.Amsterdam)), new CloudEvent { Type = EventTypes.CloudType("advice-issued") }));

        // Of a municipality's log, too, what it may not see.
        var hidden = Topology.RoutingKeyOf(
            new SourceKey("uwv", BeschutWerk.Backbone.Store.TenantId.Parse(UwvPlatform.Amsterdam)),
            new CloudEvent { Type = EventTypes.CloudType("advice-requested"), Data = Any.Pack(new AdviceRequested { Requester = Requester.Citizen }) });
        Assert.Equal($"uwv.advice-requested.{UwvPlatform.Amsterdam}.insight", hidden);
        Assert.False(Takes(new BrokerUser(UwvPlatform.Amsterdam).BindingKey, hidden));
        Assert.DoesNotContain("municipalities", BeschutWerk.Backbone.PlatformServices.Names
            .Where(service => Topology.BindingKeysOf(service, "uwv").Any(binding => Takes(binding, hidden))));

        static bool Takes(string binding, string key) =>
            Regex.IsMatch(key, "^" + Regex.Escape(binding).Replace(@"\*", "[^.]+", StringComparison.Ordinal) + "$");
    }

    private static string NameOf(CloudEvent read) => EventTypes.NameOf(read.Type)!;

    private static async Task<List<CloudEvent>> SubscribeAsync(EventService.EventServiceClient client)
    {
        var events = new List<CloudEvent>();
        using var feed = client.Subscribe(new SubscribeRequest { Service = "uwv" }, deadline: DateTime.UtcNow.AddSeconds(20));
        await foreach (var message in feed.ResponseStream.ReadAllAsync())
        {
            if (message.MessageCase == SubscribeResponse.MessageOneofCase.CaughtUp) break;
            if (message.Event is { } read) events.Add(read);
        }

        return events;
    }

    private List<CloudEvent> Log() => [.. platform.Runtime.Feed(null).ReadOwnAfter(0, 100_000).Select(logged => logged.Event)];

    private List<PersonRecognised> ToldOf(string id) => [.. Log().Where(read => NameOf(read) == "person-recognised").Select(read => read.Data.Unpack<PersonRecognised>()).Where(told => told.AdviceRequestId == id)];

    private Guid PseudonymOf(string id) => Guid.Parse(ToldOf(id)[^1].Pseudonym);

    private List<RequestsLinked> LinksOf(string id) =>
        [.. Log().Where(read => NameOf(read) == "requests-linked").Select(read => read.Data.Unpack<RequestsLinked>()).Where(told => told.Requests.Any(request => request.AdviceRequestId == id))];

    private long Untold() => platform.Runtime.PlatformStore.Read(UwvPlatform.Self, session => (long)session.Command("SELECT COUNT(*) FROM indexed_requests WHERE recognised = 0").ExecuteScalar()!);

    private List<byte[]> IndexHashes(Person person) =>
        platform.Runtime.PlatformStore.Read(UwvPlatform.Self, session => new List<byte[]> { session.Persons.HashOf(person.Bsn) });
}
