using System.Collections.Concurrent;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Channels as every client of the platform should have them: a default deadline, retries on UNAVAILABLE only (every call
/// is a read or carries a request_id), keep-alive, a token on each call.
/// </summary>
public static class PlatformChannel
{
    /// <summary>Deadline of a unary call that names none.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(15);

    /// <summary>A channel to an address.</summary>
    public static GrpcChannel To(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        // Without it a token would silently stay behind on a plain-text address, which is loopback or inside the cluster.
        UnsafeUseInsecureChannelCallCredentials = true,
        // By default a service that was away for long is not looked for again for up to two minutes. Four times a second is too often:
        // all its clients together then delay its start (F1: a third).
        InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
        MaxReconnectBackoff = TimeSpan.FromSeconds(2),
        HttpHandler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(60),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            EnableMultipleHttp2Connections = true,
        },
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = 4,
                        InitialBackoff = TimeSpan.FromMilliseconds(100),
                        MaxBackoff = TimeSpan.FromSeconds(2),
                        BackoffMultiplier = 2,
                        RetryableStatusCodes = { StatusCode.Unavailable },
                    },
                },
            },
        },
    });

    /// <summary>Calls over a channel as one organisation.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="token">Gives the access token, cached by its source.</param>
    public static CallInvoker As(this GrpcChannel channel, Func<CancellationToken, ValueTask<string>> token) =>
        channel.Intercept(new CallDefaults(token));

    private sealed class CallDefaults(Func<CancellationToken, ValueTask<string>> token) : Interceptor
    {
        private readonly CallCredentials _credentials = CallCredentials.FromInterceptor(
            async (context, metadata) => metadata.Add("authorization", "Bearer " + await token(context.CancellationToken)));

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, With(context, withDeadline: true));

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, With(context, withDeadline: true));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, With(context, withDeadline: false));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(With(context, withDeadline: false));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(With(context, withDeadline: false));

        private ClientInterceptorContext<TRequest, TResponse> With<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, bool withDeadline)
            where TRequest : class where TResponse : class
        {
            var options = context.Options.WithCredentials(_credentials);
            if (withDeadline && options.Deadline is null) options = options.WithDeadline(DateTime.UtcNow + DefaultDeadline);
            return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options);
        }
    }
}

/// <summary>Clients of the platform's services, for calls from one service to another.</summary>
public sealed class PlatformClients(IConfiguration configuration, ServiceToken token, ILogger<PlatformClients> log) : IDisposable
{
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new();
    private readonly ConcurrentDictionary<(Type Type, string By, string At, bool Follows), ClientBase> _clients = new();

    /// <summary>Those of this process.</summary>
    public static PlatformClients Of(IServiceProvider services) => services.GetRequiredService<PlatformClients>();

    /// <summary>A client, such as <c>AdviceService.AdviceServiceClient</c>. Its service's address is <c>Services:&lt;name&gt;</c>.</summary>
    /// <param name="by">The service of this process that calls.</param>
    public T Get<T>(string by) where T : ClientBase => Get<T>(by, Contract<T>.Service);

    /// <summary>A client of what several services offer, such as <c>EventService.EventServiceClient</c>, at one of them.</summary>
    /// <param name="by">The service of this process that calls.</param>
    /// <param name="at">The service that is called.</param>
    public T Get<T>(string by, string at) where T : ClientBase => (T)_clients.GetOrAdd((typeof(T), by, at, false), _ => Make<T>(InvokerOf(by, at)));

    /// <summary>The same, for a follower: a service that hangs does not hold up the events of the others.</summary>
    internal T Get<T>(string by, FollowerCalls followers) where T : ClientBase => Get<T>(by, Contract<T>.Service, followers);

    /// <summary>The same, of what several services offer.</summary>
    internal T Get<T>(string by, string at, FollowerCalls followers) where T : ClientBase => (T)_clients.GetOrAdd(
        (typeof(T), by, at, true), _ => Make<T>(InvokerOf(by, at).Intercept(new FollowerCallsOnly(followers.To(at)))));

    /// <summary>Asks a service for its health, which needs no token.</summary>
    public Health.HealthClient Health(string service) => new(ChannelTo(service));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels.Values) channel.Dispose();
    }

    private static ClientBase Make<T>(CallInvoker invoker) => (ClientBase)Activator.CreateInstance(typeof(T), invoker)!;

    private CallInvoker InvokerOf(string by, string at) =>
        ChannelTo(at).As(cancel => token.GetAsync(by, cancel)).Intercept(new OwnTokenRefused(at, () => token.Refused(by), log));

    private GrpcChannel ChannelTo(string service) => _channels.GetOrAdd(
        configuration[$"Services:{service}"] ?? throw new InvalidOperationException($"No address for {service}. Set Services__{service}=http://host:port."),
        PlatformChannel.To);

    private static class Contract<T>
    {
        public static readonly string Service =
            ((Google.Protobuf.Reflection.ServiceDescriptor)typeof(T).DeclaringType!.GetProperty("Descriptor")!.GetValue(null)!).File.Package.Split('.')[1];
    }
}
