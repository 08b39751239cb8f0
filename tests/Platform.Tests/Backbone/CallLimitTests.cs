using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Identity;
using Google.Protobuf;
using Google.Rpc;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Who begins more than they may is refused, with when to try again, and nobody else is.</summary>
public sealed class CallLimitTests : NotesTest
{
    private static readonly string Rotterdam = "GM0599";

    private int _clients;

    [Fact]
    public async Task A_client_that_calls_too_often_is_told_when_to_try_again_and_others_are_served()
    {
        var host = await LimitedAsync(("ClientCallsPerSecond", "2"));
        var calls = Tenants(host, "often");
        var all = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => RefusalOf(calls.GetTenantAsync(Get()).ResponseAsync)));
        var refused = all.OfType<RpcException>().ToList();

        Assert.NotEmpty(refused);
        Assert.All(refused, each => RequireBothHints(each, "ClientCallsPerSecond"));
        await Tenants(host, "seldom").GetTenantAsync(Get());
    }

    [Fact]
    public async Task A_client_that_was_refused_is_served_once_there_is_room()
    {
        var host = await LimitedAsync(("ClientCallsPerSecond", "2"));
        var calls = new TenantService.TenantServiceClient(As(host, IdentityKind.Operator, "patient"));
        // The first two use up the second. The channel of the platform sends what is refused again, when it is told to.
        for (var call = 0; call < 3; call++)
            await RoomAsync(async () => await calls.GetTenantAsync(Get(), deadline: DateTime.UtcNow.AddSeconds(60)));
    }

    [Fact]
    public async Task A_client_with_too_many_open_calls_is_refused_and_others_are_served()
    {
        var host = await LimitedAsync(("ClientOpenCalls", "3"));
        var store = host.Notes.TenantStores.Get(await host.RegisterAsync(Rotterdam));
        using var open = new ManualResetEventSlim();
        var first = HoldAsync(store, open);
        var calls = Tenants(host, "many");
        var waiting = Enumerable.Range(0, 4).Select(_ => RefusalOf(calls.SuspendTenantAsync(Suspend(Rotterdam)).ResponseAsync)).ToList();
        // None of them ends before the store is free, so one of them is too many.
        var ended = await Task.WhenAny(waiting).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        RequireBothHints(Assert.IsType<RpcException>(await ended), "ClientOpenCalls");
        await Tenants(host, "other").GetTenantAsync(Get());
        open.Set();

        await first;
        waiting.Remove(ended);
        Assert.All(await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60), Cancel), Assert.Null);
    }

    [Theory]
    [InlineData("ClientCalls", "GetTenant", 2)]
    [InlineData("ClientReadCalls", "GetTenant", 2)]
    [InlineData("ClientCostlyCalls", "VerifyStore", 1)]
    public async Task Of_what_comes_at_once_only_so_much_is_worked_on_and_the_rest_waits(string limit, string method, int most)
    {
        var crowd = new Crowd(method, more: most + 1);
        var host = await LimitedAsync(crowd, (limit, $"{most}"));
        await host.AddAsync(TenantId.Parse(Amsterdam), "there is a store");
        var caller = Raw(host, IdentityKind.Operator, "operator");
        var calls = Enumerable.Range(0, 12).Select(_ => CallAsync(caller, method)).ToList();

        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.InRange(crowd.Most, 1, most);
    }

    [Fact]
    public async Task Of_one_municipality_only_so_much_is_worked_on_at_once_and_others_are_served()
    {
        var host = await LimitedAsync(("ClientCalls", "1"), ("MunicipalityCalls", "2"));
        var store = host.Notes.TenantStores.Get(await host.RegisterAsync(Rotterdam));
        using var open = new ManualResetEventSlim();
        var first = HoldAsync(store, open);
        var working = Enumerable.Range(0, 2).Select(i => Tenants(host, $"operator-{i}").SuspendTenantAsync(Suspend(Rotterdam)).ResponseAsync).ToList();
        await Eventually(() => store.QueueDepth == 2, "two calls wait for the store");

        var third = new CaseService.CaseServiceClient(Raw(host, IdentityKind.Municipality, Rotterdam, Rotterdam));
        var ask = new GetCaseRequest { Municipality = Rotterdam, CaseId = Guid.CreateVersion7().ToString("D") };
        // A read does not wait for the store: it waits for its turn, longer than its client does.
        var late = await Assert.ThrowsAsync<RpcException>(() => third.GetCaseAsync(ask, deadline: DateTime.UtcNow.AddSeconds(2)).ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        var elsewhere = new CaseService.CaseServiceClient(Raw(host, IdentityKind.Municipality, Amsterdam, Amsterdam));
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => elsewhere.GetCaseAsync(new GetCaseRequest(ask) { Municipality = Amsterdam }).ResponseAsync));

        open.Set();
        await first;
        await Task.WhenAll(working).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => third.GetCaseAsync(ask).ResponseAsync));
    }

    [Fact]
    public async Task A_client_with_too_many_streams_is_refused_until_one_ends()
    {
        var host = await LimitedAsync(("ClientStreams", "2"));
        var feed = Feed(host, Amsterdam);
        var first = await FollowAsync(feed);
        using var second = await FollowAsync(feed);
        RequireBothHints(await Assert.ThrowsAsync<RpcException>(() => FollowAsync(feed)), "ClientStreams");
        using var other = await FollowAsync(Feed(host, Amsterdam));

        first.Dispose();
        await FollowOnceThereIsRoomAsync(feed);
    }

    [Fact]
    public async Task A_municipality_has_so_many_streams_of_all_its_clients_and_another_has_its_own()
    {
        var host = await LimitedAsync(("ClientStreams", "1"), ("MunicipalityStreams", "2"));
        await host.RegisterAsync(Rotterdam);
        var feeds = Enumerable.Range(0, 3).Select(_ => Feed(host, Amsterdam)).ToList();
        var first = await FollowAsync(feeds[0]);
        using var second = await FollowAsync(feeds[1]);
        RequireBothHints(await Assert.ThrowsAsync<RpcException>(() => FollowAsync(feeds[2])), "MunicipalityStreams");
        using var other = await FollowAsync(Feed(host, Rotterdam), Rotterdam);

        first.Dispose();
        await FollowOnceThereIsRoomAsync(feeds[2]);
    }

    [Fact]
    public async Task A_client_that_sends_too_many_bytes_is_refused()
    {
        // A message of 4 MB can always be sent; after it a thousand times that long nothing.
        var host = await LimitedAsync(("ClientKilobytesPerSecond", "1"));
        var calls = Tenants(host, "large");
        var large = Suspend(Amsterdam);
        large.Reason = new string('x', 3_000_000);
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => calls.SuspendTenantAsync(large).ResponseAsync));
        RequireBothHints(await Assert.ThrowsAsync<RpcException>(() => calls.SuspendTenantAsync(large).ResponseAsync), "ClientKilobytesPerSecond");
        await Tenants(host, "small").GetTenantAsync(Get());
    }

    [Fact]
    public async Task Bytes_count_as_they_came_also_those_that_mean_nothing()
    {
        var host = await LimitedAsync(("ClientKilobytesPerSecond", "1"));
        var calls = Raw(host, IdentityKind.Operator, "stuffed");
        // A field that the contract does not have.
        var stuffed = new Google.Protobuf.WellKnownTypes.BytesValue { Value = ByteString.CopyFrom(new byte[3_000_000]) }.ToByteArray();
        stuffed[0] = 100 << 3 & 0x7f | 2;
        var request = Get().ToByteArray().Concat(new byte[] { (100 << 3 & 0x7f) | 0x80 | 2, 100 >> 4 }).Concat(stuffed[1..]).ToArray();
        var method = new Method<byte[], byte[]>(
            MethodType.Unary, TenantService.Descriptor.FullName, "GetTenant", Marshallers.Create(bytes => bytes, bytes => bytes),
            Marshallers.Create(bytes => bytes, bytes => bytes));
        await calls.AsyncUnaryCall(method, null, new CallOptions(), request);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await calls.AsyncUnaryCall(method, null, new CallOptions(), request));
        RequireBothHints(refused, "ClientKilobytesPerSecond");
    }

    [Fact]
    public async Task Without_a_token_an_address_begins_so_many_calls_in_a_second()
    {
        await LimitedAsync(("CallsWithoutTokenPerSecond", "2"));
        var health = new Health.HealthClient(Plain());
        var all = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => RefusalOf(health.CheckAsync(new HealthCheckRequest()).ResponseAsync)));
        Assert.NotEmpty(all.OfType<RpcException>());
        Assert.All(all.OfType<RpcException>(), refused => RequireBothHints(refused, "CallsWithoutTokenPerSecond"));
    }

    [Fact]
    public async Task Without_a_token_an_address_has_so_many_open_calls()
    {
        var host = await LimitedAsync(("CallsWithoutTokenPerAddress", "3"));
        var health = new Health.HealthClient(Plain());
        var watches = new List<AsyncServerStreamingCall<HealthCheckResponse>>();
        for (var watch = 0; watch < 3; watch++) watches.Add(await WatchAsync(health));
        RequireBothHints(await Assert.ThrowsAsync<RpcException>(() => WatchAsync(health)), "CallsWithoutToken");
        // Who shows a token is another matter.
        await Tenants(host, "known").GetTenantAsync(Get());

        watches[0].Dispose();
        await RoomAsync(async () => watches.Add(await WatchAsync(health)));
        foreach (var watch in watches) watch.Dispose();
    }

    /// <summary>Keeps the store from writing until it is opened.</summary>
    private static Task HoldAsync(StoreHandle<NotesStore> store, ManualResetEventSlim open)
    {
        var cancel = Cancel;
        return store.WriteAsync(NotesHost.By("gm"), session =>
        {
            open.Wait(cancel);
            return Slices.AddNote(session, "first");
        });
    }

    private static async Task<AsyncServerStreamingCall<HealthCheckResponse>> WatchAsync(Health.HealthClient health)
    {
        var watch = health.Watch(new HealthCheckRequest(), deadline: DateTime.UtcNow.AddSeconds(120));
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        return watch;
    }

    private static async Task<AsyncServerStreamingCall<SubscribeResponse>> FollowAsync(
        EventService.EventServiceClient feed, string municipality = "GM0363")
    {
        var stream = feed.Subscribe(new SubscribeRequest { Municipality = municipality }, deadline: DateTime.UtcNow.AddSeconds(120));
        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        return stream;
    }

    private static Task FollowOnceThereIsRoomAsync(EventService.EventServiceClient feed) =>
        RoomAsync(async () => (await FollowAsync(feed)).Dispose());

    /// <summary>The server hears a little later that a stream ended.</summary>
    private static async Task RoomAsync(Func<Task> begin)
    {
        for (var limit = Environment.TickCount64 + 60_000; ; await Task.Delay(10, Cancel))
        {
            try
            {
                await begin();
                return;
            }
            catch (RpcException full) when (RefusalStatus.ReasonOf(full) == ErrorReason.RateLimited && Environment.TickCount64 < limit)
            {
            }
        }
    }

    private static async Task CallAsync(CallInvoker caller, string method)
    {
        var deadline = DateTime.UtcNow.AddSeconds(120);
        if (method == "GetTenant") await new TenantService.TenantServiceClient(caller).GetTenantAsync(Get(), deadline: deadline);
        else
        {
            var verify = new VerifyStoreRequest { Service = "municipalities", Municipality = Amsterdam };
            await new OperationsService.OperationsServiceClient(caller).VerifyStoreAsync(verify, deadline: deadline);
        }
    }

    private static void RequireBothHints(RpcException refused, string limit)
    {
        var info = refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        Assert.Equal((StatusCode.ResourceExhausted, "RATE_LIMITED", limit), (refused.StatusCode, info.Reason, info.Metadata["limit"]));
        var wait = refused.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.True(wait > TimeSpan.Zero);
        Assert.Equal($"{(long)Math.Ceiling(wait.TotalMilliseconds)}", refused.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    private static async Task<RpcException?> RefusalOf(Task call)
    {
        try
        {
            await call;
            return null;
        }
        catch (RpcException refused)
        {
            return refused;
        }
    }

    private static GetTenantRequest Get() => new() { Municipality = Amsterdam };

    private static SuspendTenantRequest Suspend(string municipality) => new()
    {
        Municipality = municipality, RequestId = Guid.CreateVersion7().ToString("D"), Reason = "A test.",
        SuspendedOn = new DateOnly(2018, 6, 1).ToDate(),
    };

    /// <summary>A client of the municipality that follows it.</summary>
    private EventService.EventServiceClient Feed(NotesHost host, string municipality) =>
        new(Raw(host, IdentityKind.Municipality, municipality, municipality));

    private Task<NotesHost> LimitedAsync(params (string Limit, string Value)[] limits) => LimitedAsync(null, limits);

    private async Task<NotesHost> LimitedAsync(Crowd? crowd, params (string Limit, string Value)[] limits)
    {
        var host = await ServeAsync(options => options with
        {
            Before = builder => builder.Configuration.AddInMemoryCollection(
                limits.Select(limit => new KeyValuePair<string, string?>($"Limits:{limit.Limit}", limit.Value))),
            Adjust = builder =>
            {
                if (crowd is null) return;
                builder.Services.AddSingleton(crowd);
                builder.Services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<Crowd>());
            },
        });
        await host.RegisterAsync(Amsterdam);
        return host;
    }

    private TenantService.TenantServiceClient Tenants(NotesHost host, string id) => new(Raw(host, IdentityKind.Operator, id));

    /// <summary>Calls as a client of its own over a connection of its own that sends nothing again.</summary>
    private CallInvoker Raw(NotesHost host, IdentityKind kind, string id, params string[] municipalities)
    {
        var client = new ClientRegistration($"raw-{++_clients}", kind, id, id, municipalities);
        var secret = host.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        return Plain().As(new AccessTokens(new HttpClient(), Options.Authority, client.ClientId, secret).GetAsync);
    }

    private GrpcChannel Plain() => GrpcChannel.ForAddress(
        $"http://localhost:{Options.Ports.Grpc}", new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });

    /// <summary>Counts how many calls are worked on at once. Each stays until too many are there, or long enough for them to come.</summary>
    private sealed class Crowd(string method, int more) : Interceptor
    {
        private int _now, _most;

        public int Most => Volatile.Read(ref _most);

        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            // A service's own calls have no limit.
            if (!context.Method.EndsWith($"/{method}", StringComparison.Ordinal)) return await continuation(request, context);
            Enter();
            try
            {
                for (var wait = 0; wait < 20 && Most < more; wait++) await Task.Delay(5, context.CancellationToken);
                return await continuation(request, context);
            }
            finally
            {
                Interlocked.Decrement(ref _now);
            }
        }

        private void Enter()
        {
            var now = Interlocked.Increment(ref _now);
            for (var most = Most; now > most; most = Most) Interlocked.CompareExchange(ref _most, now, most);
        }
    }
}
