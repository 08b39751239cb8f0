using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>Makes one request to a receiver. Of its URL only the host is ever told: the rest may hold secrets.</summary>
sealed class WebhookSender : IDisposable
{
    /// <summary>For the whole request, on the wall clock: the network knows no other.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(10);

    private readonly WebhookSettings _settings;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public WebhookSender(WebhookSettings settings, TimeProvider clock)
    {
        (_settings, _clock) = (settings, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            // A proxy would connect for us, where our checks do not reach.
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // Names move: a connection is made anew, and checked anew, now and then.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 16,
            // Nobody reads what a receiver answers; so much is taken in to keep the connection, and of a longer one it is closed.
            MaxResponseDrainSize = 4 * 1024,
            // HttpClient's own span would hold the URL.
            ActivityHeadersPropagator = null,
        }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<Attempt> SendAsync(Guid webhookId, CloudEvent cloudEvent, WebhookTarget target, CancellationToken stop)
    {
        var url = new Uri(target.Url);
        using var span = Spans.Deliver("municipalities", $"webhook:{webhookId}", cloudEvent)?.SetTag("server.address", url.IdnHost);
        var started = Stopwatch.GetTimestamp();
        var (failure, status) = await TrySendAsync(webhookId, cloudEvent, url, target.Secret, span?.Id ?? cloudEvent.Traceparent, stop);
        WebhookInstruments.Attempted(failure, Stopwatch.GetElapsedTime(started));
        span?.SetTag("http.response.status_code", status).SetStatus(failure == DeliveryFailure.Unspecified ? ActivityStatusCode.Unset : ActivityStatusCode.Error, failure.ToString());
        return new Attempt(_clock.GetUtcNow(), failure, status);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(DeliveryFailure Failure, int Status)> TrySendAsync(Guid webhookId, CloudEvent cloudEvent, Uri url, string secret, string traceparent, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LongestRequest);
        try
        {
            using var request = Request(webhookId, cloudEvent, url, secret, traceparent);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return (Attempt.FailureOf((int)response.StatusCode), (int)response.StatusCode);
        }
        catch (Exception error) when (error is UnknownVersionException or InvalidProtocolBufferException)
        {
            return (DeliveryFailure.UnknownVersion, 0);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (DeliveryFailure.Timeout, 0);
        }
        catch (HttpRequestException error)
        {
            return (FailureOf(error), 0);
        }
    }

    private HttpRequestMessage Request(Guid webhookId, CloudEvent cloudEvent, Uri url, string secret, string traceparent)
    {
        var body = Body(cloudEvent);
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(CloudEventJson.ContentType) } },
        };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("beschutwerk-webhooks", "1"));
        request.Headers.Add(WebhookSignature.WebhookHeader, webhookId.Text());
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secret, timestamp, body));
        if (traceparent.Length > 0) request.Headers.Add("traceparent", traceparent);
        return request;
    }

    /// <exception cref="UnknownVersionException">A newer producer's: written by this program it would lose what that added.</exception>
    private static byte[] Body(CloudEvent cloudEvent)
    {
        if (EventTypes.NameOf(cloudEvent.Type) is { } name && EventTypes.Find(name) is { } type) EventReading.Read(type, cloudEvent.Data.Value);
        return CloudEventJson.Write(cloudEvent);
    }

    private static DeliveryFailure FailureOf(HttpRequestException error) => error.InnerException switch
    {
        AddressForbiddenException => DeliveryFailure.AddressForbidden,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery } => DeliveryFailure.NameNotFound,
        AuthenticationException => DeliveryFailure.Tls,
        _ => DeliveryFailure.Connection,
    };

    /// <summary>Resolves, checks, and connects to the very address that was checked: a name that is resolved again may lead elsewhere by then.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _settings.Resolve(host, cancel);
        // All of them: whoever mixes a public and a private address means the private one.
        if (!addresses.All(address => ReceiverAddress.IsAllowed(address, _settings.AllowedNetworks))) throw new AddressForbiddenException();

        Exception? failed = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error)
            {
                socket.Dispose();
                if (error is not SocketException) throw;
                failed = error;
            }
        }

        throw failed ?? new SocketException((int)SocketError.HostNotFound);
    }

    private sealed class AddressForbiddenException : Exception;
}
