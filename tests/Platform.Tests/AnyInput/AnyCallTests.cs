using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.AnyInput;

/// <summary>
/// Every RPC of every service, with valid tokens of those who may call it and whatever a client can send: each call is answered, or
/// refused by a reason that has a name. Nothing is UNKNOWN or INTERNAL, nothing unforeseen is logged, and what is refused leaves
/// nothing. <c>FUZZ_CASES</c> says how many calls of each RPC are made, <c>FUZZ_SEED</c> which ones.
/// </summary>
public sealed class AnyCallTests(AnyPlatform platform, ITestOutputHelper output) : IClassFixture<AnyPlatform>
{
    private const int SideBySide = 8, MostTold = 5;

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private static readonly int Cases = Setting("FUZZ_CASES") ?? 100;
    private static readonly int Seed = Setting("FUZZ_SEED") ?? 20180615;

    private static IEnumerable<MethodDescriptor> Methods =>
        ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    public static TheoryData<string> Names => [.. Methods.Select(method => method.FullName)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Whatever_is_sent_is_answered_or_refused_by_name_and_a_refusal_leaves_nothing(string name)
    {
        await platform.StoredAsync();
        platform.Logged.Clear();
        var method = Methods.Single(found => found.FullName == name);
        var calls = new ConcurrentBag<Call>();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, Cases), limits, async (number, _) => calls.Add(await CallAsync(method, number)));

        var ends = calls.CountBy(call => call.Ended).OrderByDescending(ended => ended.Value);
        output.WriteLine($"FUZZ_SEED={Seed} FUZZ_CASES={Cases} {name}: {string.Join(", ", ends)}");
        None("has no reason", calls.Where(call => !call.IsNamed));
        var stored = await platform.StoredAsync();
        // Several may have the same strange id, of which one may be the first.
        stored.ExceptWith(calls.Where(call => call.Refused is null).Select(call => call.RequestId));
        var refused = calls.Where(call => call.Refused is not null);
        None("was refused and is stored", refused.Where(call => stored.Contains(call.Trace) || stored.Contains(call.RequestId)));
        None("is unforeseen", platform.Logged.Where(line => line.Split(':')[0] is "Error" or "Critical"));
        var operations = new OperationsService.OperationsServiceClient(platform.Operator());
        foreach (var service in BeschutWerk.Backbone.PlatformServices.Names)
        {
            None($"is parked at {service}", (await operations.GetStatusAsync(new GetStatusRequest { Service = service })).Parked);
        }

        await platform.ResumeAllAsync();
    }

    private static void None<T>(string what, IEnumerable<T> found)
    {
        var told = found.Take(MostTold).Select(one => $"{what}: {one}").ToList();
        Assert.True(told.Count == 0, string.Join('\n', told));
    }

    private async Task<Call> CallAsync(MethodDescriptor method, int number)
    {
        var random = new Random(unchecked((method.FullName.Aggregate(Seed, (hash, letter) => (hash * 31) + letter) * 31) + number));
        var options = method.GetOptions();
        var kinds = options.GetExtension(RulesExtensions.Callers);
        var caller = platform.As(kinds[random.Next(kinds.Count)], options.GetExtension(RulesExtensions.CallerServices), random);
        var (request, bytes) = new AnyRequest(random, platform.Known).Of(method.InputType);
        using var cause = new Activity("any call").Start();
        RpcException? refused = null;
        try
        {
            if (await AnswerAsync(method, caller, bytes) is { } answer) platform.Known.Learn(method.OutputType.Parser.ParseFrom(answer));
        }
        catch (RpcException error)
        {
            refused = error;
        }

        return new Call(number, cause.TraceId.ToString(), request, bytes, refused);
    }

    private static async Task<byte[]?> AnswerAsync(MethodDescriptor method, CallInvoker caller, byte[] request)
    {
        // What takes longer is a fault too: it keeps others waiting.
        var options = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(60));
        if (method.IsClientStreaming)
        {
            using var duplex = caller.AsyncDuplexStreamingCall(Of(MethodType.DuplexStreaming), null, options);
            await duplex.RequestStream.SendAsync(request);
            while (await duplex.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return null;
        }

        if (!method.IsServerStreaming) return await caller.AsyncUnaryCall(Of(MethodType.Unary), null, options, request);
        // It goes on for ever: what is wrong with it is said first.
        using var stream = caller.AsyncServerStreamingCall(Of(MethodType.ServerStreaming), null, options, request);
        return await stream.ResponseStream.MoveNext(CancellationToken.None) ? stream.ResponseStream.Current : null;

        Method<byte[], byte[]> Of(MethodType type) => new(type, method.Service.FullName, method.Name, Bytes, Bytes);
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : null;

    private sealed record Call(int Number, string Trace, IMessage Request, byte[] Bytes, RpcException? Refused)
    {
        private const int MostShown = 2000;

        /// <summary>As it would stand in a store; empty for a call that has none.</summary>
        public string RequestId =>
            Request.Descriptor.FindFieldByName("request_id")?.Accessor.GetValue(Request) is string id && Guid.TryParse(id, out var key)
                ? Convert.ToHexStringLower(key.ToByteArray(bigEndian: true)) : "";

        public string Ended => Refused is null ? "answered" : RefusalStatus.NameOf(RefusalStatus.ReasonOf(Refused));

        public bool IsNamed => Refused is null || (Refused.StatusCode is not (StatusCode.Internal or StatusCode.Unknown)
            && RefusalStatus.ReasonOf(Refused) != ErrorReason.Unspecified);

        public override string ToString()
        {
            var request = JsonFormatter.ToDiagnosticString(Request);
            var bytes = Convert.ToHexString(Bytes.AsSpan(0, Math.Min(Bytes.Length, MostShown)));
            return $"#{Number} {Refused?.Status} for {request[..Math.Min(request.Length, MostShown)]} as {bytes}";
        }
    }
}
