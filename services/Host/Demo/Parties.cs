using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Host.Demo.Reference;
using BeschutWerk.Identity;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace BeschutWerk.Host.Demo;

/// <summary>Who takes part in the demo. Each calls with its own token over the public API.</summary>
internal sealed class Parties : IDisposable
{
    private const string PortalClient = "portal";
    private const int TokenConnections = 8;

    // The demo puts as much work in flight as it can: on a busy machine a call may wait longer than in daily use.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, CallInvoker> _callers = new();
    private readonly Dictionary<string, DemoClient> _clients;
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = TokenConnections });
    private readonly string _authority;
    private readonly IReadOnlyDictionary<string, string> _services;

    // Live feeds have a connection of their own, so that what they bring does not wait behind calls.
    private readonly Dictionary<string, GrpcChannel> _calls, _feeds;

    public Parties(RunningPlatform platform, IEnumerable<DemoClient> clients)
    {
        _clients = clients.ToDictionary(client => client.ClientId);
        _authority = platform.Authority.ToString();
        _services = platform.Services;
        _calls = Channels();
        _feeds = Channels();
    }

    public CallInvoker Operator => Caller("operator");
    public CallInvoker Ministry => Caller("szw");
    public CallInvoker Uwv => Caller("uwv");
    public CallInvoker Cedris => Caller("cedris");

    public CallInvoker Municipality(string code) => Caller(MunicipalityClient(code));

    /// <summary>The same municipality, for its live feed.</summary>
    public CallInvoker FeedOf(string code) =>
        _callers.GetOrAdd("feed " + code, _ => As(Tokens(MunicipalityClient(code)), _feeds));

    public CallInvoker Company(string id) => Caller(CompanyClient(id));

    /// <summary>A citizen who logged in to the portal, by their pseudonym.</summary>
    public CallInvoker Citizen(string pseudonym, string municipality, string bsn) => _callers.GetOrAdd(pseudonym, _ =>
        Patiently(Tokens(PortalClient, new() { ["citizen"] = pseudonym, ["municipality"] = municipality, ["bsn"] = bsn })));

    /// <summary>The clients that the demo registers in Identity.</summary>
    public static IEnumerable<ClientRegistration> Registrations(ReferenceData reference) =>
    [
        new("operator", OrganisationKind.Operator, "operator", "Operator of the platform", []),
        new("szw", OrganisationKind.Szw, "szw", "Ministry of Social Affairs and Employment", []),
        new("uwv", OrganisationKind.Uwv, "uwv", "UWV", []),
        new("cedris", OrganisationKind.Cedris, "cedris", "Cedris", []),
        new(PortalClient, OrganisationKind.Citizen, PortalClient, "Citizens' portal", [], IsPortal: true),
        .. reference.Municipalities.Select(m => new ClientRegistration(MunicipalityClient(m.Code), OrganisationKind.Municipality, m.Code, m.Name, [m.Code])),
        .. reference.Companies.Select(c => new ClientRegistration(CompanyClient(c.Id), OrganisationKind.Sw, c.Id, c.Name, [])),
    ];

    public void Dispose()
    {
        foreach (var channel in _calls.Values.Concat(_feeds.Values)) channel.Dispose();
        _http.Dispose();
    }

    private static string MunicipalityClient(string code) => code.ToLowerInvariant();

    private static string CompanyClient(string id) => "sw-" + id;

    private CallInvoker Caller(string clientId) => _callers.GetOrAdd(clientId, id => Patiently(Tokens(id)));

    private CallInvoker Patiently(AccessTokens tokens) => As(tokens, _calls).Intercept(new PatientCalls());

    private CallInvoker As(AccessTokens tokens, Dictionary<string, GrpcChannel> channels) => channels.Values.ToList() is [var only]
        ? only.As(tokens.GetAsync)
        : new CallsByService(_services.ToDictionary(service => service.Key, service => channels[service.Value].As(tokens.GetAsync)));

    /// <summary>A channel for each address: services of one process share it.</summary>
    private Dictionary<string, GrpcChannel> Channels() => _services.Values.Distinct().ToDictionary(address => address, PlatformChannel.To);

    private AccessTokens Tokens(string clientId, Dictionary<string, string>? parameters = null)
    {
        var client = _clients[clientId];
        return new AccessTokens(_http, _authority, client.ClientId, client.ClientSecret) { Parameters = parameters ?? [] };
    }

    private sealed class PatientCalls : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var options = context.Options.Deadline is null ? context.Options.WithDeadline(DateTime.UtcNow + Patience) : context.Options;
            return continuation(request, new(context.Method, context.Host, options));
        }
    }
}
