using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Host;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.SwCompanies;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A platform that waits three seconds for a message.</summary>
public sealed class HurriedPlatform : SwPlatform
{
    /// <summary>Connections of one address, those of the platform to itself included.</summary>
    public const int MostConnections = 60;

    /// <summary>Bulk streams of one client.</summary>
    public const int MostBulkStreams = 5;

    protected override PlatformOptions Configure(PlatformOptions options) => options with
    {
        Settings = new Dictionary<string, string?>
        {
            ["Limits:MessageWithin"] = "00:00:03", ["Limits:ConnectionsPerAddress"] = $"{MostConnections}",
            ["Limits:ClientRowsPerSecond"] = "500", ["Limits:ClientUnfinishedKilobytes"] = "3000",
            ["Limits:ClientBulkStreams"] = $"{MostBulkStreams}",
        },
    };
}

/// <summary>Who begins and does not go on, on either port, does not stay for as long as they like.</summary>
public sealed class SlowCallTests(HurriedPlatform platform) : IClassFixture<HurriedPlatform>
{
    private static int _clients;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_whose_message_does_not_come_ends_with_a_reason()
    {
        (string Method, string? Token)[] calls =
        [
            ("/grpc.health.v1.Health/Check", null), ("/grpc.health.v1.Health/Watch", null),
            ("/beschutwerk.swcompanies.v1.PlacementService/GetPlacement", await TokenAsync()),
            ("/beschutwerk.swcompanies.v1.PlacementService/ReportPlacements", await TokenAsync()),
        ];
        // Nothing of a message, or as much as it takes to make the server wait for the rest, or a whole one that is not said to be all.
        byte[][] bodies = [[], [0, 0, 0, 0, 9, 1], [0, 0, 0, 0, 0]];
        var endings = await Task.WhenAll(calls
            .SelectMany(call => bodies.Where(body => body.Length != 5 || !call.Method.EndsWith("ReportPlacements", StringComparison.Ordinal))
                .Select(body => EndingAsync(call.Method, call.Token, body))));
        Assert.Equal(11, endings.Length);
        Assert.All(endings, ending => Assert.Equal((ending.Method, StatusCode.DeadlineExceeded, ErrorReason.DeadlinePassed), ending));
    }

    [Fact]
    public async Task A_stream_that_begins_another_message_ends_when_the_rest_does_not_come()
    {
        // Behind a whole one: its length and a byte of it, or not even its length.
        byte[][] bodies = [[0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1], [0, 0, 0, 0, 0, 0, 0]];
        var token = await TokenAsync();
        var endings = await Task.WhenAll(bodies.Select(body => EndingAsync("/beschutwerk.swcompanies.v1.PlacementService/ReportPlacements", token, body)));
        Assert.All(endings, ending => Assert.Equal((StatusCode.DeadlineExceeded, ErrorReason.DeadlinePassed), (ending.Code, ending.Reason)));
    }

    [Fact]
    public async Task Without_a_token_a_long_message_is_not_waited_for()
    {
        var watch = Stopwatch.StartNew();
        byte[] body = [0, 0, 0, 8, 0, 1]; // two kilobytes
        foreach (var method in new[] { "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch" })
            Assert.Equal((method, StatusCode.InvalidArgument, ErrorReason.MessageTooLarge), await EndingAsync(method, null, body));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), "it was waited for");
    }

    [Fact]
    public async Task A_client_has_so_many_bytes_of_messages_that_are_not_whole_and_another_client_has_its_own()
    {
        byte[] body = [0, 0, 16, 0, 0, 1]; // a megabyte
        var (first, second) = (await TokenAsync(), await TokenAsync());
        foreach (var method in new[] { "GetPlacement", "ReportPlacements" })
        {
            var path = "/beschutwerk.swcompanies.v1.PlacementService/" + method;
            var endings = await Task.WhenAll(
                new[] { first, first, first, first, second, second }.Select(async token => (token, (await EndingAsync(path, token, body)).Reason)));
            Assert.Equal(2, endings.Count(ending => ending == (first, ErrorReason.RateLimited)));
            Assert.Equal(2, endings.Count(ending => ending == (first, ErrorReason.DeadlinePassed)));
            Assert.Equal(2, endings.Count(ending => ending == (second, ErrorReason.DeadlinePassed)));
        }
    }

    [Fact]
    public async Task A_message_that_is_compressed_is_refused()
    {
        using var channel = GrpcChannel.ForAddress(platform.Options.GrpcAddress);
        var health = new Grpc.Health.V1.Health.HealthClient(channel);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(
            new() { Service = new string('x', 100) }, new Metadata { { "grpc-internal-encoding-request", "gzip" } }));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
    }

    private async Task<(string Method, StatusCode Code, ErrorReason Reason)> EndingAsync(string method, string? token, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, platform.Options.GrpcAddress + method)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Unfinished(body),
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel)
            .WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await response.Content.ReadAsByteArrayAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        var details = Header(response, "grpc-status-details-bin");
        return (method, (StatusCode)int.Parse(Header(response, "grpc-status")!, CultureInfo.InvariantCulture),
            details is null ? ErrorReason.Unspecified : RefusalStatus.ReasonOf(details));
    }

    [Fact]
    public async Task A_stream_of_placements_may_pause_once_it_has_begun()
    {
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(120));
        for (var message = 0; message < 2; message++)
        {
            if (message > 0) await Task.Delay(TimeSpan.FromSeconds(4), Cancel);
            await call.RequestStream.WriteAsync(Items(1), Cancel);
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task A_stream_with_more_placements_than_a_client_may_send_is_slower_and_has_every_answer()
    {
        var watch = Stopwatch.StartNew();
        using var call = platform.AsCompany(SwPlatform.Zuid).ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(120));
        var answers = Task.Run(async () =>
        {
            var count = 0;
            await foreach (var answer in call.ResponseStream.ReadAllAsync(Cancel)) count += answer.Answers.Count;
            return count;
        }, Cancel);
        // A thousand may come at once, and once more where the limiter was idle (findings/token-bucket-gives-twice-after-a-pause.sh); the
        // others take two seconds at 500 a second.
        for (var message = 0; message < 30; message++) await call.RequestStream.WriteAsync(Items(100), Cancel);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(3000, await answers);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_company_has_so_many_bulk_streams_and_whoever_ends_one_makes_room()
    {
        var streams = new List<AsyncDuplexStreamingCall<ReportPlacementsRequest, ReportPlacementsResponse>>();
        for (var i = 0; i < HurriedPlatform.MostBulkStreams; i++) streams.Add(await BeginAsync(SwPlatform.Noord));
        var refused = await Assert.ThrowsAsync<RpcException>(() => BeginAsync(SwPlatform.Noord));
        Assert.Equal((StatusCode.ResourceExhausted, ErrorReason.RateLimited), (refused.StatusCode, RefusalStatus.ReasonOf(refused)));
        streams.Add(await BeginAsync(SwPlatform.Zuid));

        foreach (var stream in streams) stream.Dispose();
        await SwPlatform.Eventually(async () =>
        {
            try
            {
                (await BeginAsync(SwPlatform.Noord)).Dispose();
                return true;
            }
            catch (RpcException full) when (RefusalStatus.ReasonOf(full) == ErrorReason.RateLimited)
            {
                return false;
            }
        }, "there is room again");
    }

    /// <summary>Begins a stream that stays open, and waits until its first item is answered.</summary>
    private async Task<AsyncDuplexStreamingCall<ReportPlacementsRequest, ReportPlacementsResponse>> BeginAsync(string company)
    {
        var stream = platform.AsCompany(company).ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(120));
        try
        {
            await stream.RequestStream.WriteAsync(Items(1), Cancel);
        }
        catch (RpcException)
        {
            // The answers tell why.
        }

        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        return stream;
    }

    [Fact]
    public async Task A_request_for_a_token_that_does_not_arrive_is_answered_and_its_connection_ends()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, platform.Options.HttpPort, Cancel);
        var stream = tcp.GetStream();
        string[] begin =
        [
            $"POST {IdentityServer.TokenPath} HTTP/1.1", "Host: localhost", "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 100", "", "grant_type",
        ];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", begin)), Cancel);
        // To its end: the server keeps no connection on which a body is missing.
        var answer = await ReadToEndAsync(stream).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("did not arrive within 3 seconds", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_has_so_many_connections_and_whoever_goes_makes_room()
    {
        foreach (var port in new[] { platform.Options.GrpcPort, platform.Options.HttpPort })
        {
            using (var connections = await IdleConnections.OpenAsync(port, HurriedPlatform.MostConnections + 20, Cancel))
            {
                await SwPlatform.Eventually(() => Task.FromResult(connections.Closed >= 20), "connections beyond the limit are closed");
                Assert.True(connections.Closed < HurriedPlatform.MostConnections + 20);
            }

            await SwPlatform.Eventually(() => ServesAsync(port), "there is room again");
        }
    }

    private async Task<bool> ServesAsync(int port)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/health");
        if (port == platform.Options.GrpcPort)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        try
        {
            using var response = await http.SendAsync(request, Cancel);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>What came until the connection ended, or was broken.</summary>
    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        var (answer, part) = (new StringBuilder(), new byte[1024]);
        try
        {
            while (await stream.ReadAsync(part, Cancel) is > 0 and var count) answer.Append(Encoding.ASCII.GetString(part, 0, count));
        }
        catch (IOException broken) when (broken.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            answer.Append("\r\n(broken)");
        }

        return answer.ToString();
    }

    private static ReportPlacementsRequest Items(int count) => new()
    {
        Municipality = SwPlatform.Amsterdam,
        Items = { Enumerable.Range(0, count).Select(_ => new PlacementItem { PlacementId = SwPlatform.NewId() }) },
    };

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.Concat(response.TrailingHeaders).FirstOrDefault(header => header.Key == name).Value?.Single();

    private async Task<string> TokenAsync()
    {
        var client = new ClientRegistration($"slow-{Interlocked.Increment(ref _clients)}", IdentityKind.Sw, SwPlatform.Noord, SwPlatform.Noord, []);
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        using var http = new HttpClient();
        using var tokens = new AccessTokens(http, platform.Options.Authority, client.ClientId, secret);
        return await tokens.GetAsync(Cancel);
    }

    /// <summary>A body that begins and never ends.</summary>
    private sealed class Unfinished : HttpContent
    {
        private readonly byte[] _begin;

        public Unfinished(byte[] begin)
        {
            _begin = begin;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(_begin, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
