using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Telemetry;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Whether the other services and the token server answer. Asked regularly, so that it is known before a call needs them;
/// nothing is decided by it, for a service takes every write that it can decide alone.
/// </summary>
public sealed class Neighbours : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskMissingEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(3);

    private readonly PlatformClients _clients;
    private readonly ILogger<Neighbours> _log;
    private readonly Uri _tokenServer;
    private readonly Action<Neighbour, bool> _answered;
    private readonly HttpClient _http = new() { Timeout = LongestAnswer };

    /// <param name="process">The service that asks.</param>
    /// <param name="services">Whom it asks.</param>
    /// <param name="clients">How it reaches them.</param>
    /// <param name="tokenServer">Where tokens come from.</param>
    /// <param name="answered">Told each answer, and whether there was none to the question before.</param>
    /// <param name="log">Where it says who is missing.</param>
    internal Neighbours(string process, IEnumerable<string> services, PlatformClients clients, Uri tokenServer, Action<Neighbour, bool> answered, ILogger<Neighbours> log)
    {
        (Process, _clients, _tokenServer, _answered, _log) = (process, clients, tokenServer, answered, log);
        All = [.. services.Select(service => new Neighbour(service, cancel => AnswersAsync(service, cancel))), new Neighbour(TokenServer, TokenServerAnswersAsync)];
    }

    /// <summary>Name of the token server among them.</summary>
    public const string TokenServer = "identity";

    /// <summary>The service that asks.</summary>
    public string Process { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Neighbour> All { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var unrecorded = Spans.Background();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(All.Select(neighbour => AskAsync(neighbour, stoppingToken)));
            await Task.Delay(All.All(neighbour => neighbour.IsReachable) ? AskEvery : AskMissingEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(Neighbour neighbour, CancellationToken cancel)
    {
        var answers = await neighbour.Ask(cancel);
        if (cancel.IsCancellationRequested) return;
        var isNew = answers != neighbour.IsReachable;
        neighbour.IsReachable = answers;
        if (isNew && !answers) _log.LogWarning("{Process} cannot reach {Neighbour}", Process, neighbour.Name);
        if (isNew && answers) _log.LogInformation("{Process} reaches {Neighbour} again", Process, neighbour.Name);
        if (answers) _answered(neighbour, isNew);
    }

    private async Task<bool> AnswersAsync(string service, CancellationToken cancel)
    {
        try
        {
            await _clients.Health(service).CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow + LongestAnswer, cancellationToken: cancel);
            return true;
        }
        catch (RpcException error)
        {
            // Any other status is an answer.
            return error.StatusCode is not (StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled);
        }
    }

    private async Task<bool> TokenServerAnswersAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(_tokenServer, ".well-known/openid-configuration"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>Another service, as one process sees it.</summary>
/// <param name="name">Its name.</param>
/// <param name="ask">Whether it answers now.</param>
public sealed class Neighbour(string name, Func<CancellationToken, Task<bool>> ask)
{
    private volatile bool _reachable = true;

    /// <summary>Its name: that of a service, or <c>identity</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it answered when it was asked last; true before that.</summary>
    public bool IsReachable
    {
        get => _reachable;
        internal set => _reachable = value;
    }

    internal Func<CancellationToken, Task<bool>> Ask { get; } = ask;
}

/// <summary>Adds what a process knows of the others to it.</summary>
internal static class NeighbourHosting
{
    /// <summary>Adds them, and for each a health of its own, under its name.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="process">The service of this process.</param>
    public static void AddNeighbours(this IHostApplicationBuilder builder, string process)
    {
        var others = OthersOf(builder.Configuration, process);
        builder.Services.AddSingleton(services => new Neighbours(
            process, others, services.GetRequiredService<PlatformClients>(), new Uri(builder.Configuration["Identity:Authority"]!),
            (neighbour, wasMissing) =>
            {
                // Between two questions it may have been away, and a read of its log failed.
                if (services.GetRequiredService<EventTransport>().TakeUnreachable(neighbour.Name) || wasMissing) services.GetRequiredService<ServiceRuntimes>().RetryHeldBack();
            },
            services.GetRequiredService<ILogger<Neighbours>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<Neighbours>());
        foreach (var name in others.Append(Neighbours.TokenServer))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, services => new Health(services.GetRequiredService<Neighbours>(), name), null, [name]));
            builder.Services.Configure<global::Grpc.AspNetCore.HealthChecks.GrpcHealthChecksOptions>(health => health.Services.Map(name, check => check.Tags.Contains(name)));
        }
    }

    private static List<string> OthersOf(IConfiguration configuration, string process) =>
        [.. configuration.GetSection("Services").GetChildren().Select(service => service.Key).Where(name => name != process)];

    private sealed class Health(Neighbours neighbours, string name) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(neighbours.All.Single(neighbour => neighbour.Name == name).IsReachable ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{name} does not answer."));
    }
}
