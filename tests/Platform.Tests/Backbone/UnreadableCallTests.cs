using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.SwCompanies;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>
/// Who calls is asked before anything of a call is read, and what is no message is the caller's fault. Neither costs more than a
/// line of the log.
/// </summary>
public sealed class UnreadableCallTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private const string Unary = "/beschutwerk.swcompanies.v1.PlacementService/GetPlacement";
    private const string Stream = "/beschutwerk.swcompanies.v1.PlacementService/ReportPlacements";

    private static readonly byte[] Broken = [0x0A, 0xFF];

    /// <summary>What a client may send that is no request.</summary>
    private static readonly Dictionary<string, byte[]> Bodies = new()
    {
        ["nothing"] = [],
        ["half a frame"] = [0, 0, 0],
        ["a frame without its message"] = [0, 0, 0, 0, 10, 1],
        ["no protobuf"] = Framed(Broken),
        ["a text that is no UTF-8"] = Framed([0x0A, 0x02, 0xC3, 0x28]),
        ["a flag that gRPC does not know"] = [7, 0, 0, 0, 0],
        ["a length that no message has"] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0],
        ["compressed by nothing"] = [1, 0, 0, 0, 1, 0],
        ["two messages"] = [.. Framed([]), .. Framed([])],
    };

    public static TheoryData<string> Names => [.. Bodies.Keys];

    private static IEnumerable<MethodDescriptor> Methods =>
        ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_a_token_nothing_is_read(string body)
    {
        foreach (var method in Methods)
        {
            var answer = await PostAsync($"/{method.Service.FullName}/{method.Name}", Bodies[body]);
            var expected = (method.FullName, StatusCode.Unauthenticated, ErrorReason.NotAuthenticated);
            Assert.Equal(expected, (method.FullName, answer.Code, answer.Reason));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task With_a_token_what_is_no_message_is_refused_by_name(string body)
    {
        platform.Logged.Clear();
        var answer = await PostAsync(Unary, Bodies[body], await TokenAsync());
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.MessageUnreadable), (answer.Code, answer.Reason));
        var told = platform.Logged.Where(line => line.Split(':')[0] == "Error" || line.Contains("Exception", StringComparison.Ordinal));
        Assert.Empty(told);
    }

    [Fact]
    public async Task In_a_stream_the_refusal_says_which_message_it_was_and_what_came_before_is_answered()
    {
        var candidate = await platform.AcceptedAsync();
        var item = new PlacementItem { PlacementId = SwPlatform.NewId(), Report = SwPlatform.Report(candidate) };
        var good = new ReportPlacementsRequest { Municipality = candidate.Municipality, Items = { item } };
        var method = new Method<byte[], ReportPlacementsResponse>(
            MethodType.DuplexStreaming, "beschutwerk.swcompanies.v1.PlacementService", "ReportPlacements",
            Marshallers.Create(bytes => bytes, bytes => bytes),
            Marshallers.Create(message => message.ToByteArray(), ReportPlacementsResponse.Parser.ParseFrom));
        using var call = platform.SwCompany(SwPlatform.Noord).AsyncDuplexStreamingCall(
            method, null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(30)));
        await call.RequestStream.WriteAsync(good.ToByteArray());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.True(call.ResponseStream.Current.Answers.Single().Accepted);

        await call.RequestStream.WriteAsync(Broken);
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        var info = refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        Assert.Equal((StatusCode.InvalidArgument, "MESSAGE_UNREADABLE", "2"), (refused.StatusCode, info.Reason, info.Metadata["message"]));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_within_a_message_is_refused_by_name()
    {
        foreach (var (what, body) in Bodies.Where(body => body.Key is not ("nothing" or "two messages")))
        {
            var answer = await PostAsync(Stream, body, await TokenAsync());
            Assert.Equal((what, StatusCode.InvalidArgument, ErrorReason.MessageUnreadable), (what, answer.Code, answer.Reason));
        }
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_refused_by_name()
    {
        var body = Framed(new byte[4 * 1024 * 1024 + 1]);
        foreach (var method in new[] { Unary, Stream })
        {
            var answer = await PostAsync(method, body, await TokenAsync());
            Assert.Equal((method, StatusCode.InvalidArgument, ErrorReason.MessageTooLarge), (method, answer.Code, answer.Reason));
        }
    }

    [Fact]
    public async Task A_refused_call_costs_a_line_of_the_log_at_most_and_one_a_second_is_told()
    {
        platform.Logged.Clear();
        var calls = 0;
        await SwPlatform.Eventually(async () =>
        {
            calls++;
            await PostAsync(Unary, Framed(Broken));
            return platform.Logged.Any(line => line.Contains($"{Unary} was refused: NOT_AUTHENTICATED", StringComparison.Ordinal));
        }, "a line tells of refused calls");
        Assert.InRange(platform.Logged.Count, 1, calls);
        Assert.All(platform.Logged, line => Assert.InRange(line.Length, 1, 300));
    }

    [Fact]
    public async Task A_method_has_one_name()
    {
        var token = await TokenAsync();
        foreach (var other in new[] { Unary.ToLowerInvariant(), Unary.ToUpperInvariant(), Unary + "/" })
        {
            Assert.Equal(StatusCode.Unimplemented, (await PostAsync(other, Framed([]))).Code);
            Assert.Equal(StatusCode.Unimplemented, (await PostAsync(other, Framed([]), token)).Code);
        }
    }

    private static byte[] Framed(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private async Task<string> TokenAsync()
    {
        var client = new ClientRegistration("sw-raw", IdentityKind.Sw, SwPlatform.Noord, SwPlatform.Noord, []);
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        using var http = new HttpClient();
        using var tokens = new AccessTokens(http, platform.Options.Authority, client.ClientId, secret);
        return await tokens.GetAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(StatusCode Code, ErrorReason Reason)> PostAsync(string path, byte[] body, string? token = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, platform.Options.GrpcAddress + path)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var details = Header("grpc-status-details-bin");
        var code = (StatusCode)int.Parse(Header("grpc-status")!);
        return (code, details is null ? ErrorReason.Unspecified : RefusalStatus.ReasonOf(details));

        string? Header(string name) =>
            response.Headers.Concat(response.TrailingHeaders).FirstOrDefault(header => header.Key == name).Value?.Single();
    }
}
