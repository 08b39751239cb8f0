using System.Net;
using System.Runtime.CompilerServices;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Cli;

/// <summary>Calls to the services as one client. Its token is fetched at the first call and kept.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>How long to wait for what reads or copies a whole store.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(30);

    private readonly HttpClient _http = new() { Timeout = PlatformChannel.DefaultDeadline };
    private readonly Dictionary<Uri, GrpcChannel> _channels;
    private readonly Func<Credentials> _credentials;
    private AccessTokens? _tokens;

    /// <param name="addresses">Where each service is.</param>
    /// <param name="authority">The token server.</param>
    /// <param name="credentials">Finds the client to ask as, at the first call.</param>
    public Connection(IReadOnlyDictionary<string, Uri> addresses, Uri authority, Func<Credentials> credentials)
    {
        (Addresses, Authority, _credentials) = (addresses, authority, credentials);
        _channels = addresses.Values.Distinct().ToDictionary(address => address, address => PlatformChannel.To(address.ToString()));
    }

    /// <summary>Where each service is.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses { get; }

    /// <summary>The token server.</summary>
    public Uri Authority { get; }

    /// <summary>The channel to a service, for calls without a token.</summary>
    public GrpcChannel ChannelTo(string service) => _channels[Addresses[service]];

    /// <summary>A question to a service.</summary>
    /// <exception cref="Failure">It was refused, or nothing answered.</exception>
    public async Task<T> AskAsync<T>(string service, Func<CallInvoker, AsyncUnaryCall<T>> call, CancellationToken cancel)
    {
        var invoker = await InvokerAsync(service, cancel);
        try
        {
            return await call(invoker);
        }
        catch (RpcException error) when (!cancel.IsCancellationRequested)
        {
            throw Failure.Of(error, service, Addresses[service]);
        }
    }

    /// <summary>A change: when nothing answers it may have been done, and its key makes it safe to repeat.</summary>
    /// <exception cref="Failure">It was refused, or nothing answered.</exception>
    public async Task<T> ChangeAsync<T>(string service, string requestId, Func<CallInvoker, AsyncUnaryCall<T>> call, CancellationToken cancel)
    {
        try
        {
            return await AskAsync(service, call, cancel);
        }
        catch (Failure failure) when (failure.ExitCode == ExitCode.OutOfReach)
        {
            throw failure.With("repeat_with", $"--request-id {requestId}");
        }
    }

    /// <summary>What a service streams.</summary>
    /// <exception cref="Failure">It was refused, or nothing answers any more.</exception>
    public async IAsyncEnumerable<T> FollowAsync<T>(string service, Func<CallInvoker, AsyncServerStreamingCall<T>> call, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var stream = call(await InvokerAsync(service, cancel));
        while (await NextAsync()) yield return stream.ResponseStream.Current;

        async Task<bool> NextAsync()
        {
            try
            {
                return await stream.ResponseStream.MoveNext(cancel);
            }
            catch (RpcException error) when (!cancel.IsCancellationRequested)
            {
                throw Failure.Of(error, service, Addresses[service]);
            }
        }
    }

    /// <summary>Gets the token, if there is none: a refusal of the client is told as such, not as a failed call.</summary>
    /// <exception cref="Failure">There are no credentials, the token server is out of reach, or it refuses the client.</exception>
    public async Task<AccessTokens> AuthenticateAsync(CancellationToken cancel)
    {
        var credentials = _credentials();
        _tokens ??= new AccessTokens(_http, Authority.ToString(), credentials.Id, credentials.Secret);
        try
        {
            await _tokens.GetAsync(cancel);
            return _tokens;
        }
        catch (HttpRequestException error) when (error.StatusCode is HttpStatusCode.Unauthorized)
        {
            throw new Failure(ExitCode.OutOfReach, $"The token server at {Authority} does not know client {credentials.Id} or its secret.");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or InvalidDataException && !cancel.IsCancellationRequested)
        {
            throw new Failure(ExitCode.OutOfReach, $"The token server at {Authority} gives no token: {error.Message}");
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values) channel.Dispose();
        _tokens?.Dispose();
        _http.Dispose();
    }

    private async Task<CallInvoker> InvokerAsync(string service, CancellationToken cancel) => ChannelTo(service).As((await AuthenticateAsync(cancel)).GetAsync);
}
