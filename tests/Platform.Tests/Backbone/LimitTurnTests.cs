using System.IO.Pipelines;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Turns, without a server: who comes next, and for whom there is always room.</summary>
public sealed class LimitTurnTests
{
    private const string Method = "/beschutwerk.municipalities.v1.CaseService/OpenCase";

    private static readonly TenantId Amsterdam = TenantId.Parse("GM0363"), Rotterdam = TenantId.Parse("GM0599");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_ask_for_the_same_get_the_same()
    {
        using var limits = Limits(("MunicipalityCalls", 2), ("ClientCalls", 1));
        // One of the two turns is taken for good, so that one call at a time gets the other.
        using var first = CallOf(ClientOf("first"));
        await limits.TakeTurnAsync(first, Amsterdam, Cancel);
        string[] clients = ["a", "b", "c"];
        var waiting = clients.SelectMany(client => Enumerable.Range(0, 2).Select(_ => Wait(limits, client, Amsterdam))).ToList();
        var turns = clients.ToDictionary(client => client, _ => 0);
        for (var turn = 0; turn < 600; turn++)
        {
            await Task.WhenAny(waiting.Select(each => each.Turn)).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
            var served = waiting.First(each => each.Turn.IsCompleted);
            await served.Turn;
            turns[served.Client]++;
            waiting.Remove(served);
            served.Call.EndTurn();
            waiting.Add(Wait(limits, served.Client, Amsterdam));
        }

        Assert.All(turns.Values, count => Assert.InRange(count, 600 / 3 * 0.9, 600 / 3 * 1.1));
    }

    [Fact]
    public async Task Whoever_has_a_thousand_calls_in_the_line_leaves_room_for_others_of_the_municipality_and_of_others()
    {
        using var limits = Limits(("MunicipalityCalls", 3), ("ClientCalls", 2));
        var hammering = Enumerable.Range(0, 1000).Select(_ => WaitAsClient(limits, "hammer", Amsterdam)).ToList();
        // None of those ends.
        await WaitAsClient(limits, "other", Amsterdam).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await WaitAsClient(limits, "elsewhere", Rotterdam).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal(2, hammering.Count(turn => turn.IsCompleted));
    }

    [Fact]
    public async Task A_call_takes_one_turn_however_often_it_reads_and_gives_it_back()
    {
        using var limits = Limits(("MunicipalityCalls", 2), ("ClientCalls", 1), ("ClientMethodCalls", 1));
        for (var times = 0; times < 10; times++)
        {
            using var call = CallOf(ClientOf("a"));
            await limits.TakeTurnAsync(call, Method, 100, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
            for (var read = 0; read < 5; read++)
                await limits.TakeTurnAsync(call, Amsterdam, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
            call.EndTurn();
        }
    }

    [Fact]
    public async Task Whoever_gives_up_in_the_line_of_their_client_leaves_that_of_the_method()
    {
        using var limits = Limits(("ClientCalls", 1), ("ClientMethodCalls", 2));
        using var first = CallOf(ClientOf("a"));
        await limits.TakeTurnAsync(first, Method, 100, Cancel);
        for (var times = 0; times < 10; times++)
        {
            using var gaveUp = new CancellationTokenSource();
            using var second = CallOf(ClientOf("a"));
            var turn = limits.TakeTurnAsync(second, Method, 100, gaveUp.Token).AsTask();
            await gaveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        }

        first.EndTurn();
        using var last = CallOf(ClientOf("a"));
        await limits.TakeTurnAsync(last, Method, 100, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
    }

    [Fact]
    public async Task A_service_never_waits_for_a_turn()
    {
        using var limits = Limits(("MunicipalityCalls", 2), ("ClientCalls", 1), ("ClientMethodCalls", 1), ("ClientCostlyCalls", 1));
        for (var call = 0; call < 100; call++)
        {
            using var open = CallOf(Caller.OfService("uwv"));
            var turn = limits.TakeTurnAsync(open, Method, 100, Cancel);
            Assert.True(turn.IsCompletedSuccessfully);
            await turn;
            await limits.TakeTurnAsync(open, Amsterdam, Cancel);
        }
    }

    [Theory]
    [InlineData("ClientRowsPerSecond")]
    [InlineData("MunicipalityRowsPerSecond")]
    public async Task Placements_of_a_stream_wait_and_are_not_refused(string limit)
    {
        using var limits = limit == "ClientRowsPerSecond" ? Limits((limit, 1)) : Limits((limit, 2), ("ClientRowsPerSecond", 1));
        // Whatever the rate, a full message can be taken at once.
        await limits.TakeRowsAsync(ClientOf("a"), Amsterdam, 1000, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        using var gaveUp = new CancellationTokenSource();
        var sender = limit == "ClientRowsPerSecond" ? "a" : "b";
        var more = limits.TakeRowsAsync(ClientOf(sender), Amsterdam, 1000, gaveUp.Token).AsTask();
        Assert.False(more.IsCompleted);
        // Those of another client and municipality do not.
        await limits.TakeRowsAsync(ClientOf("c"), Rotterdam, 1000, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
    }

    [Fact]
    public async Task Placements_that_are_refused_take_their_turn_too()
    {
        using var limits = Limits(("ClientRowsPerSecond", 1));
        await limits.TakeRowsAsync(ClientOf("a"), null, 1000, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        using var gaveUp = new CancellationTokenSource();
        var more = limits.TakeRowsAsync(ClientOf("a"), null, 1000, gaveUp.Token).AsTask();
        Assert.False(more.IsCompleted);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
    }

    [Fact]
    public void A_citizen_takes_no_call_of_another_citizen_of_the_same_portal()
    {
        using var limits = Limits(("ClientOpenCalls", 100));
        var places = Enumerable.Range(0, 2).Select(_ => limits.Begin(CitizenOf("a"), MethodType.Unary)).ToList();
        Assert.Throws<RefusalException>(() => limits.Begin(CitizenOf("a"), MethodType.Unary));
        places.Add(limits.Begin(CitizenOf("b"), MethodType.Unary));
        foreach (var place in places) place.Dispose();
    }

    [Fact]
    public async Task Feeds_that_catch_up_take_turns_with_each_other_and_leave_room_for_another_client()
    {
        const string subscribe = "/beschutwerk.backbone.v1.EventService/Subscribe";
        using var limits = Limits(("ClientReadCalls", 2));
        var turns = Enumerable.Range(0, 1000).Select(_ => limits.TakeReadAsync(ClientOf("many"), subscribe, Cancel).AsTask()).ToList();
        Assert.Equal(2, turns.Count(turn => turn.IsCompleted));
        (await limits.TakeReadAsync(ClientOf("other"), subscribe, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel)).Dispose();
        // Each that has read lets the next one read.
        foreach (var turn in turns) (await turn.WaitAsync(TimeSpan.FromSeconds(60), Cancel)).Dispose();
    }

    [Fact]
    public async Task Bytes_of_a_stream_wait_and_are_not_refused()
    {
        using var limits = Limits(("ClientKilobytesPerSecond", 1));
        using var first = await limits.TakeMessageAsync(ClientOf("a"), 4 * 1024 * 1024, Cancel);
        Assert.True(first.IsAcquired);
        using var gaveUp = new CancellationTokenSource();
        var more = limits.TakeMessageAsync(ClientOf("a"), 1024 * 1024, gaveUp.Token).AsTask();
        Assert.False(more.IsCompleted);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
    }

    [Theory]
    [InlineData("ClientCallz", "7", "ClientCallz")]
    [InlineData("ClientCalls", "many", "Limits")]
    [InlineData("ClientCalls", "0", "Limits__ClientCalls must be 1 or more.")]
    [InlineData("MessageWithin", "00:00:00", "Limits__MessageWithin=00:00:00")]
    [InlineData("MunicipalityCalls", "128", "Limits__MunicipalityCalls must be more than Limits__ClientCalls.")]
    [InlineData("MunicipalityStreams", "2000", "Limits__MunicipalityStreams must be more than Limits__ClientStreams.")]
    [InlineData("MunicipalityRowsPerSecond", "500000", "Limits__MunicipalityRowsPerSecond must be more than Limits__ClientRowsPerSecond.")]
    public void A_setting_that_is_no_limit_stops_the_start_with_a_sentence(string limit, string value, string sentence)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new($"Limits:{limit}", value)]).Build();
        Assert.Contains(sentence, Assert.Throws<StartupException>(() => LimitOptions.Of(settings)).Message, StringComparison.Ordinal);
    }

    private static CallLimits Limits(params (string Limit, int Value)[] limits)
    {
        var settings = limits.Select(limit => new KeyValuePair<string, string?>($"Limits:{limit.Limit}", $"{limit.Value}"));
        return new(LimitOptions.Of(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
    }

    private static (string Client, OpenCall Call, Task Turn) Wait(CallLimits limits, string client, TenantId municipality)
    {
        var call = CallOf(ClientOf(client));
        return (client, call, limits.TakeTurnAsync(call, municipality, Cancel).AsTask());
    }

    private static async Task WaitAsClient(CallLimits limits, string client, TenantId municipality)
    {
        var call = CallOf(ClientOf(client));
        await limits.TakeTurnAsync(call, Method, 100, Cancel);
        await limits.TakeTurnAsync(call, municipality, Cancel);
    }

    private static OpenCall CallOf(Caller caller) => new(PipeReader.Create(Stream.Null)) { Caller = caller };

    private static Caller CitizenOf(string pseudonym) =>
        new(OrganisationKind.Citizen, pseudonym, new HashSet<string> { "GM0363" }) { Token = new TokenOrigin("1", "portal", 1) };

    private static Caller ClientOf(string client) =>
        new(OrganisationKind.Municipality, "GM0363", new HashSet<string> { "GM0363" }) { Token = new TokenOrigin("1", client, 1) };
}
