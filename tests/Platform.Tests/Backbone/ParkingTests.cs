using System.Collections.Concurrent;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What cannot be handled waits for an operator, in order, and holds up nothing else.</summary>
public sealed class ParkingTests : NotesTest
{
    private volatile bool _broken = true;

    [Fact]
    public async Task An_event_that_fails_is_parked_the_rest_of_its_subject_behind_it_and_the_others_flow()
    {
        var host = await StartAsync(options => options with { Readers = FailOnBad });
        var tenant = await host.RegisterAsync(Amsterdam);
        foreach (var text in new[] { "a", "bad", "b", "bad", "c", "bad" }) await host.AddAsync(tenant, text);
        await Eventually(() => Parked(host, tenant).Count == 3, "the chain is parked");
        await Eventually(() => host.Seen(tenant).Count == 3, "the others are applied");

        Assert.Equal(["a", "b", "c"], host.Seen(tenant).Select(seen => seen.Subject));
        Assert.Equal([(2L, "InvalidCastException"), (4, ParkReason.BehindAnother), (6, ParkReason.BehindAnother)], Parked(host, tenant).Select(parked => (parked.Event.Sequence, parked.Reason)));
        Assert.Equal(host.Log(tenant).Where(logged => logged.Event.Subject == "bad").Select(logged => logged.Event), Parked(host, tenant).Select(parked => parked.Event));

        // Still broken: the chain stays as it is.
        var chain = Parked(host, tenant)[0];
        await Assert.ThrowsAsync<InvalidCastException>(() => host.Readers.TenantInbox.RequeueAsync(tenant, chain, _ => { }, Cancel));
        Assert.Equal(3, Parked(host, tenant).Count);

        // Mended: the whole chain, in order, and once although two operators ask.
        _broken = false;
        var handled = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => host.Readers.TenantInbox.RequeueAsync(tenant, chain, _ => { }, Cancel), Cancel)));
        Assert.Equal(3, handled.Sum());
        Assert.Empty(Parked(host, tenant));
        Assert.Equal([1L, 3, 5, 2, 4, 6], host.Seen(tenant).Select(seen => seen.Sequence));

        await host.AddAsync(tenant, "bad");
        await Eventually(() => host.Seen(tenant).Count == 7, "the subject flows again");
    }

    [Fact]
    public async Task An_event_that_waits_for_a_neighbour_kills_nobody_however_often_it_is_tried_after_a_restart()
    {
        var tries = 0;
        var handled = 0;
        Action<ServiceDefinition<ReaderStore, ReaderPlatform>> waits = service => service.Tenant.On<CaseOpened>("municipalities", (_, _, _) =>
        {
            Interlocked.Increment(ref tries);
            if (_broken) throw new RpcException(new Status(StatusCode.Unavailable, "away"));
            Interlocked.Increment(ref handled);
        });
        var host = await StartAsync(options => options with { Readers = waits });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "a");
        await Eventually(() => tries > 1, "it is tried");
        for (var restart = 0; restart < 2; restart++)
        {
            await host.DisposeAsync();
            tries = 0;
            host = await StartAsync(options => options with { Readers = waits });
            await Eventually(() => tries > 6, "it is tried again and again");
        }

        Assert.Empty(Parked(host, tenant));
        _broken = false;
        await Eventually(() => handled == 1, "it is applied");
    }

    [Fact]
    public async Task What_is_refused_while_a_municipality_is_suspended_waits_and_what_a_neighbour_refuses_keeps_its_reason()
    {
        var reason = ErrorReason.TenantSuspended;
        var tries = 0;
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (_, _, _) =>
            {
                Interlocked.Increment(ref tries);
                if (_broken) throw Refusal.Of(reason, "No.").ToRpcException();
            }),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "a");
        await Eventually(() => tries > 2, "it is tried again");
        Assert.Empty(Parked(host, tenant));
        reason = ErrorReason.OfferStands;
        await Eventually(() => Parked(host, tenant).Count == 1, "it is parked");
        Assert.Equal(RefusalStatus.NameOf(ErrorReason.OfferStands), Parked(host, tenant)[0].Reason);
    }

    [Fact]
    public async Task In_a_store_of_all_municipalities_none_waits_behind_another()
    {
        var handled = new ConcurrentQueue<string>();
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Platform.On<CaseOpened>("municipalities", (_, received, _) =>
            {
                if (_broken && received.Municipality!.Value.Code == Amsterdam) throw new InvalidCastException("may hold what nobody may read");
                handled.Enqueue(received.Municipality!.Value.Code);
            }),
        });
        var (broken, sound) = (await host.RegisterAsync(Amsterdam), await host.RegisterAsync("GM0344"));
        for (var i = 0; i < 2; i++) await host.AddAsync(broken, "2018");
        await Eventually(() => host.Readers.PlatformInbox.ListParked(null).Count == 2, "the chain is parked");
        await host.AddAsync(sound, "2018");
        await Eventually(() => !handled.IsEmpty, "the same subject of another municipality flows");

        _broken = false;
        Assert.Equal(2, await host.Readers.PlatformInbox.RequeueAsync(null, host.Readers.PlatformInbox.ListParked(null)[0], _ => { }, Cancel));
        Assert.Equal(["GM0344", Amsterdam, Amsterdam], handled);
    }

    [Fact]
    public async Task What_a_newer_producer_says_is_parked_as_it_came_and_handled_after_the_upgrade()
    {
        var newer = new NewerProducer();
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                service.KeepReceived = true;
                NotesOptions.JustSee(service);
            },
            Adjust = builder => builder.Services.AddSingleton<EventTransport>(services => newer.Over(new EmbeddedTransport(services))),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        foreach (var text in new[] { "type", "field", "value", "fine" }) await host.AddAsync(tenant, text);
        await Eventually(() => host.Seen(tenant).Count == 1, "the known one is applied");

        var parked = Parked(host, tenant);
        Assert.Equal(["type", "field", "value"], parked.Select(waiting => waiting.Subject));
        Assert.All(parked, waiting => Assert.Equal(ParkReason.UnknownVersion, waiting.Reason));
        Assert.Equal(newer.Said, parked.Select(waiting => waiting.Event));
        // In the feed of a service that keeps what it received, it stands with its own type and bytes.
        var kept = host.Readers.Feed(tenant).ReadAfter(0, 10);
        Assert.Equal(newer.Said.Select(said => (said.Type, said.Data.Value)), kept.Take(3).Select(logged => (logged.Event.Type, logged.Event.Data.Value)));

        await Assert.ThrowsAsync<BeschutWerk.Backbone.Events.UnknownVersionException>(() => host.Readers.TenantInbox.RequeueAsync(tenant, parked[2], _ => { }, Cancel));
        Assert.Equal(3, Parked(host, tenant).Count);
    }

    [Theory]
    [InlineData(0, 5)] // the fifth start parks it
    [InlineData(3, 8)] // others stand before it: each start gets past one at least, and none of them is blamed
    public async Task An_event_that_kills_the_process_is_parked_and_its_neighbours_are_applied(int before, int mostStarts)
    {
        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        var texts = Enumerable.Range(0, before).Select(i => $"before {i}").Append(Child.Killer).Append("after").ToList();
        foreach (var text in texts) await host.AddAsync(tenant, text);
        await host.DisposeAsync();

        var starts = 0;
        while (true)
        {
            starts++;
            await using var child = ChildProcess.Start("follow", Folder, failPoint: null);
            if (await child.ReadLineAsync(Cancel) is not null && await SurvivesAsync(child, tenant))
            {
                await child.StopAsync(Cancel);
                break;
            }

            Assert.True(starts < mostStarts, $"Not parked at start {starts}.");
        }

        host = await StartAsync(options => options with { Readers = NotesOptions.JustSee });
        Assert.Equal(texts.Where(text => text != Child.Killer), host.Seen(tenant).Select(seen => seen.Subject));
        var parked = Assert.Single(Parked(host, tenant));
        Assert.Equal((Child.Killer, ParkReason.ProcessDied), (parked.Subject, parked.Reason));
        if (before == 0) Assert.Equal(5, starts);
    }

    /// <summary>Whether the child gets past the last event; false when it dies.</summary>
    private async Task<bool> SurvivesAsync(ChildProcess child, TenantId tenant)
    {
        var path = Path.Combine(Folder, "readers", tenant.Code + ".db");
        var done = false;
        await Eventually(() => child.IsDead || (done = SeenOutside(path).Contains("after")), "the child dies or applies the last event");
        return done;
    }

    private static List<string> SeenOutside(string path)
    {
        if (!File.Exists(path)) return [];
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT subject FROM seen";
        using var row = command.ExecuteReader();
        var subjects = new List<string>();
        while (row.Read()) subjects.Add(row.GetString(0));
        return subjects;
    }

    private void FailOnBad(ServiceDefinition<ReaderStore, ReaderPlatform> service) =>
        service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
        {
            session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject });
            if (_broken && received.Subject == "bad") throw new InvalidCastException("may hold what nobody may read");
        });

    private static List<ParkedEvent> Parked(NotesHost host, TenantId tenant)
    {
        var store = host.Readers.TenantStores.Get(tenant);
        return store.Exists ? host.Readers.TenantInbox.ListParked(tenant) : [];
    }

    /// <summary>Delivers what a later version of the producer might say.</summary>
    private sealed class NewerProducer
    {
        private readonly Dictionary<string, CloudEvent> _said = [];

        public IEnumerable<CloudEvent> Said => _said.Values;

        public EventTransport Over(EmbeddedTransport sound) => new Transport(this, sound);

        private CloudEvent Say(CloudEvent logged)
        {
            if (logged.Subject is not ("type" or "field" or "value")) return logged;
            var said = logged.Clone();
            if (said.Subject == "type") said.Type = "nl.participatiewet.beschut-werk.case-teleported.v1";
            // Field 99, a varint.
            if (said.Subject == "field") said.Data = new Any { TypeUrl = said.Data.TypeUrl, Value = ByteString.CopyFrom([.. said.Data.Value, 0x98, 0x06, 0x01]) };
            if (said.Subject == "value") said.Data = new Any { TypeUrl = said.Data.TypeUrl, Value = new CaseOpened { CaseId = "value", Source = (CandidateSource)99 }.ToByteString() };
            return _said[said.Subject] = said;
        }

        private sealed class Transport(NewerProducer producer, EmbeddedTransport sound) : EventTransport
        {
            public override void Committed(StoreName store) => sound.Committed(store);

            public override async Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
            {
                var page = await sound.ReadAsync(source, after, most, cancel);
                return page with { Events = [.. page.Events.Select(producer.Say)] };
            }
        }
    }
}
