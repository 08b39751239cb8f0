using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>
/// The process is killed at each instant of the table of crash points, and started again on the same data while its client
/// retries: each call has exactly one effect, each event is applied exactly once.
/// </summary>
public sealed class CrashTests : NotesTest
{
    public static TheoryData<string> Points =>
    [
        "before-commit", // nothing happened; the retry does it
        "after-commit", // done, not answered; the retry gets the stored answer
        "before-wake", // done, nobody told; the consumer pulls at the next start
        "after-wake", // told, not answered
        "before-applied-commit", // the consumer has not committed; it pulls again
        "after-applied-commit", // the consumer has committed; it ignores what it has
    ];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task One_effect_and_one_application_wherever_the_process_dies(string point)
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {seed}");
        var hit = new Random(seed).Next(2, 10);
        var ports = (FreePort.Next(), FreePort.Next());
        var child = ChildProcess.Start("serve", Folder, ports, $"{point}:{hit}");
        var deaths = 0;
        var client = await ConnectAsync(child, ports);
        var texts = new List<string>();

        async Task Do<T>(Func<CallInvoker, AsyncUnaryCall<T>> call)
        {
            while (true)
            {
                try
                {
                    // Dying while it starts is a start that the client did not see.
                    if (client is not null)
                    {
                        await call(client);
                        return;
                    }
                }
                catch (RpcException failed) when (failed.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.DeadlineExceeded)
                {
                    // Killed, not stopped: 128 + SIGKILL.
                    Assert.Equal(137, await child.ExitAsync(Cancel));
                }

                deaths++;
                await child.DisposeAsync();
                child = ChildProcess.Start("serve", Folder, ports);
                client = await ConnectAsync(child, ports);
            }
        }

        var registration = Id();
        await Do(invoker => new TenantService.TenantServiceClient(invoker).RegisterTenantAsync(new RegisterTenantRequest
        {
            Municipality = Amsterdam, RequestId = registration, Name = "Amsterdam", Province = "Noord-Holland",
            LabourMarketRegion = 1, LabourMarketRegionName = "Groot Amsterdam", RegisteredOn = Yesterday,
        }));
        // Until it died, and a little longer.
        for (var rest = 3; deaths == 0 || rest-- > 0;)
        {
            Assert.True(texts.Count < 200, $"{point}:{hit} was never reached (seed {seed}).");
            var (text, request) = ($"note {texts.Count}", Id());
            texts.Add(text);
            await Do(invoker => new TenantService.TenantServiceClient(invoker).SuspendTenantAsync(
                new SuspendTenantRequest { Municipality = Amsterdam, RequestId = request, Reason = text, SuspendedOn = Yesterday }));
        }

        Assert.Equal(0, await child.StopAsync(Cancel));
        await child.DisposeAsync();
        Assert.Equal(1, deaths);

        var host = await StartAsync();
        var tenant = TenantId.Parse(Amsterdam);
        Assert.Equal(texts, host.Log(tenant).Select(logged => logged.Event.Subject));
        Assert.Equal(texts.Order(), host.Notes.TenantStores.Get(tenant).Read(Caller.OfService("test"), session => session.Store.Notes.Select(note => note.Text).ToList()).Order());
        await Eventually(() => host.Seen(tenant).Count >= texts.Count, "the follower has all");
        Assert.Equal(Enumerable.Range(1, texts.Count).Select(n => (long)n), host.Seen(tenant).Select(seen => seen.Sequence));
    }

    private static Google.Type.Date Yesterday => DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1).ToDate();

    private static string Id() => Ids.New().Text();

    /// <summary>A client of the child; null when it died before it was ready.</summary>
    internal static async Task<CallInvoker?> ConnectAsync(ChildProcess child, (int Grpc, int Http) ports)
    {
        if (await child.ReadLineAsync(Cancel) is not { } ready) return null;
        Assert.StartsWith("READY ", ready, StringComparison.Ordinal);
        var tokens = new AccessTokens(new HttpClient(), $"http://localhost:{ports.Http}/", "operator", ready.Split(' ')[1]);
        try
        {
            await tokens.GetAsync(Cancel);
        }
        catch (HttpRequestException)
        {
            return null;
        }

        // No retries of the channel's own: the test is the client that retries.
        return GrpcChannel.ForAddress($"http://localhost:{ports.Grpc}", new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true }).As(tokens.GetAsync);
    }
}
