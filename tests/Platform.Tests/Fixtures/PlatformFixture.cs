using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Host;
using BeschutWerk.Identity;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>
/// The whole platform in this process, on real files and real ports, reached only through its public API. Its own data
/// folder, removed at the end. Use it with <c>IClassFixture&lt;PlatformFixture&gt;</c>, or start one of your own.
/// </summary>
public class PlatformFixture : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Lazy<CallInvoker>> _invokers = new();
    private readonly Dictionary<string, string> _secrets = [];
    private readonly ConcurrentDictionary<string, string> _citizens = new();
    private readonly HttpClient _http = new();
    private GrpcChannel _channel = null!;

    /// <summary>The running process.</summary>
    public WebApplication App { get; protected set; } = null!;

    /// <summary>Where it keeps its data and listens.</summary>
    public PlatformOptions Options { get; protected set; } = new(Path.Combine(Path.GetTempPath(), "beschutwerk-" + Guid.NewGuid().ToString("N")[..12]));

    /// <summary>Everything that was logged.</summary>
    public ConcurrentQueue<string> Logged { get; } = new();

    /// <summary>Adjusts the options before the start.</summary>
    protected virtual PlatformOptions Configure(PlatformOptions options) => options;

    /// <summary>Adjusts the process before it is built.</summary>
    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }

    public async ValueTask InitializeAsync()
    {
        Options = Configure(Options with { GrpcPort = FreePort.Next(), HttpPort = FreePort.Next() });
        await StartAsync();
    }

    /// <summary>Stops the process and starts it on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        ForgetCallers();
        await StartAsync();
        // Who came meanwhile has one on the channel that ended, or none, as the process that ended was asked for its secret.
        ForgetCallers();
    }

    /// <summary>The next call of everybody is made anew.</summary>
    protected void ForgetCallers() => _invokers.Clear();

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        if (Directory.Exists(Options.DataFolder)) Directory.Delete(Options.DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls as a municipality.</summary>
    public CallInvoker Municipality(params string[] codes) =>
        As(new ClientRegistration("gemeente-" + codes[0], IdentityKind.Municipality, codes[0], codes[0], codes));

    /// <summary>Calls as UWV.</summary>
    public CallInvoker Uwv() => As(new ClientRegistration("uwv", IdentityKind.Uwv, "uwv", "UWV", []));

    /// <summary>Calls as a sw-company.</summary>
    public CallInvoker SwCompany(string companyId) =>
        As(new ClientRegistration("sw-" + companyId, IdentityKind.Sw, companyId, companyId, []));

    /// <summary>Calls as an operator.</summary>
    public CallInvoker Operator() => As(new ClientRegistration("operator", IdentityKind.Operator, "operator", "Operator", []));

    /// <summary>Calls as the ministry.</summary>
    public CallInvoker Ministry() => As(new ClientRegistration("szw", IdentityKind.Szw, "szw", "SZW", []));

    /// <summary>Calls as Cedris.</summary>
    public CallInvoker Cedris() => As(new ClientRegistration("cedris", IdentityKind.Cedris, "cedris", "Cedris", []));

    /// <summary>Calls as a service of the platform.</summary>
    public CallInvoker Service(string name = "municipalities") => As(new ClientRegistration($"svc-{name}", IdentityKind.Service, name, "Service", []));

    /// <summary>Calls as a citizen of a municipality, who logged in to a portal.</summary>
    /// <param name="citizen">Any name; it becomes a pseudonym.</param>
    /// <param name="municipality">Where they live.</param>
    /// <param name="bsn">Who they are, for which the portal vouches; as before, or somebody new, where it is not given.</param>
    public CallInvoker Citizen(string citizen, string municipality, string? bsn = null)
    {
        // The portal does not change its mind: what it says later would be refused, and is said by PersonBindingTests only.
        var person = _citizens.GetOrAdd(citizen, _ => bsn ?? TestBsn.Next());
        if (bsn is not null && bsn != person) throw new ArgumentException($"{citizen} is somebody else.", nameof(bsn));
        return _invokers.GetOrAdd($"{citizen} in {municipality}", _ => new(() => Invoker(CitizenTokens(citizen, municipality, person).GetAsync))).Value;
    }

    /// <summary>The pseudonym of a citizen.</summary>
    public static string Pseudonym(string citizen) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(citizen)).AsSpan(0, 16)).ToString("D");

    /// <summary>The tokens that the portal gets for a citizen.</summary>
    public AccessTokens CitizenTokens(string citizen, string municipality, string bsn)
    {
        var portal = new ClientRegistration("portal", IdentityKind.Citizen, "portal", "Portal", [], IsPortal: true);
        return new AccessTokens(_http, Options.Authority, portal.ClientId, SecretOf(portal))
        {
            Parameters = new Dictionary<string, string> { ["citizen"] = Pseudonym(citizen), ["municipality"] = municipality, ["bsn"] = bsn },
        };
    }

    /// <summary>Calls as any client.</summary>
    public CallInvoker As(ClientRegistration client) => _invokers.GetOrAdd(
        client.ClientId, _ => new(() => Invoker(new AccessTokens(_http, Options.Authority, client.ClientId, SecretOf(client)).GetAsync))).Value;

    private string SecretOf(ClientRegistration client)
    {
        // One after the other: of two that register it at once only the first is told its secret.
        lock (_secrets)
        {
            // The same secret after a restart: a new one would take back the tokens of those who still call with the old one.
            var isNew = !_secrets.ContainsKey(client.ClientId);
            if (App.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => isNew)[0].NewSecret is { } made)
                _secrets[client.ClientId] = made;
            return _secrets[client.ClientId];
        }
    }

    /// <summary>Calls with a source of tokens.</summary>
    protected virtual CallInvoker Invoker(Func<CancellationToken, ValueTask<string>> token) => _channel.As(token);

    /// <summary>Calls without a token, or with a given one.</summary>
    public CallInvoker WithToken(string token) => _channel.As(_ => ValueTask.FromResult(token));

    /// <summary>Polls until the condition holds; fails after 20 seconds.</summary>
    public static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            if (limit.IsCancellationRequested) Assert.Fail($"Not within 20 seconds: {what}.");
            await Task.Delay(10);
        }
    }

    /// <summary>Starts the platform: here all of it in this process.</summary>
    protected virtual async Task StartAsync()
    {
        App = PlatformHost.Build(Options, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(new Remember(Logged));
            Configure(builder);
        });
        await App.StartAsync();
        _channel = PlatformChannel.To(Options.GrpcAddress);
    }

    /// <summary>Stops the platform.</summary>
    protected virtual async Task StopAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        // Last: what a client is told by a stopping server is part of the platform.
        _channel.Dispose();
    }

    private sealed class Remember(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
