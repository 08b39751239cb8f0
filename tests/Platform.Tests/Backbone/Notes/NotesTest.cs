using System.Net;
using System.Net.Sockets;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A test with a data folder of its own and the hosts that it starts on it; all gone at its end.</summary>
public abstract class NotesTest : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _hosts = [];
    private readonly List<GrpcChannel> _channels = [];
    private int _clients;

    protected static readonly string Amsterdam = "GM0363";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal NotesOptions Options { get; private set; } = new(Path.Combine(Path.GetTempPath(), "backbone-" + Guid.NewGuid().ToString("N")[..12]));

    protected string Folder => Options.Folder;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    internal async Task<NotesHost> StartAsync(Func<NotesOptions, NotesOptions>? configure = null)
    {
        if (configure is not null) Options = configure(Options);
        var host = await NotesHost.StartAsync(Options);
        _hosts.Add(host);
        return host;
    }

    /// <summary>The same, with ports: reached by <see cref="As"/>.</summary>
    internal Task<NotesHost> ServeAsync(Func<NotesOptions, NotesOptions>? configure = null) =>
        StartAsync(options => (configure?.Invoke(options) ?? options) with { Ports = (FreePort.Next(), FreePort.Next()) });

    /// <summary>Calls a host as some organisation.</summary>
    internal CallInvoker As(NotesHost host, IdentityKind kind, string id, params string[] municipalities)
    {
        // A client of its own for each: a new secret for one that calls already would take its tokens back.
        var clientId = $"{kind}-{id}-{Interlocked.Increment(ref _clients)}".ToLowerInvariant();
        var client = new ClientRegistration(clientId, kind, id, id, municipalities);
        var secret = host.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        var tokens = new AccessTokens(new HttpClient(), Options.Authority, client.ClientId, secret);
        return Channel().As(tokens.GetAsync);
    }

    internal CallInvoker Operator(NotesHost host, string id = "operator") => As(host, IdentityKind.Operator, id);

    internal CallInvoker Municipality(NotesHost host, params string[] codes) => As(host, IdentityKind.Municipality, codes[0], codes);

    internal GrpcChannel Channel()
    {
        var channel = PlatformChannel.To($"http://localhost:{Options.Ports.Grpc}");
        _channels.Add(channel);
        return channel;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels) channel.Dispose();
        foreach (var host in _hosts) await host.DisposeAsync();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Polls until the condition holds; fails after 20 seconds.</summary>
    protected static async Task Eventually(Func<bool> condition, string what)
    {
        var limit = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            if (Environment.TickCount64 > limit) Assert.Fail($"Not within 20 seconds: {what}.");
            await Task.Delay(10, Cancel);
        }
    }

    /// <summary>Waits until a municipality's first events are applied, each once and in order.</summary>
    internal static async Task SeenAsync(NotesHost host, TenantId tenant, int count)
    {
        await Eventually(() => host.Seen(tenant).Count >= count, $"{count} events are applied, but {host.Seen(tenant).Count}");
        Assert.Equal(Enumerable.Range(1, count).Select(n => (long)n), host.Seen(tenant).Select(seen => seen.Sequence));
    }

    /// <summary>The reason with which a write or call was refused.</summary>
    protected static async Task<ErrorReason> RefusedAsync(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        }
        catch (RefusalException refused)
        {
            return refused.Refusal.Reason;
        }
        catch (RpcException failed)
        {
            return RefusalStatus.ReasonOf(failed);
        }

        Assert.Fail("It was not refused.");
        return default;
    }
}
