using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Which tokens the token server took back before their end. It lists them, and the list is read every two seconds: a token is refused
/// within five, and no call waits for the list. While the token server does not answer, the last list holds, so that services go on;
/// once that is older than allowed, nobody is admitted, for a token that was taken back would be good until its end.
/// </summary>
/// <param name="address">Of the list.</param>
/// <param name="oldest">How old the list may be.</param>
/// <param name="clock">Says how old it is.</param>
/// <param name="changed">Told of every new list.</param>
/// <param name="log">Told when the list cannot be read.</param>
internal sealed class Revocations(Uri address, TimeSpan oldest, TimeProvider clock, Action changed, ILogger log) : IDisposable
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(2);

    /// <summary>Failures in a row: in one process the list goes first when that stops, which is no fault.</summary>
    private const int WorthTelling = 2;

    private const int MostBytes = 16 * 1024 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = LongestAnswer, MaxResponseContentBufferSize = MostBytes,
    };

    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private volatile Listed? _listed;
    private Task _reading = Task.CompletedTask;
    private int _started;
    private int _failures;

    /// <summary>Whether the list is young enough to be believed.</summary>
    public bool IsFresh => _listed is { } listed && clock.GetElapsedTime(listed.AskedAt) <= oldest;

    /// <summary>Whether a token was taken back.</summary>
    public bool Holds(TokenOrigin token) => _listed is { } listed
        && ((listed.Clients.Count > 0 && listed.Clients.TryGetValue(token.ClientHash, out var version) && token.Version < version)
            || (listed.Tokens.Count > 0 && listed.Tokens.Contains(token.Id)));

    /// <summary>Waits for a list where there is none that is young enough.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public async ValueTask RequireFreshAsync()
    {
        // Before the first token nobody needs it.
        if (Interlocked.Exchange(ref _started, 1) == 0) _ = Detached(ReadRegularlyAsync);
        if (IsFresh) return;
        await ReadOnceAsync();
        if (!IsFresh) throw Refusal.Of(ErrorReason.ServiceUnreachable, "The token server cannot be asked now.").ToException();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Cancel();
        _http.Dispose();
        _ended.Dispose();
    }

    private async Task ReadRegularlyAsync()
    {
        var ended = _ended.Token;
        while (!ended.IsCancellationRequested)
        {
            await ReadOnceAsync();
            await Task.Delay(ReadEvery, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whoever needs the list while it is being read waits for that.</summary>
    private Task ReadOnceAsync()
    {
        lock (_gate) return _reading.IsCompleted ? _reading = Detached(ReadAsync) : _reading;
    }

    /// <summary>It outlives the call that began it, whose trace it must not continue.</summary>
    private static Task Detached(Func<Task> work)
    {
        using var flow = ExecutionContext.SuppressFlow();
        return Task.Run(async () =>
        {
            using var unrecorded = Spans.Background();
            await work();
        });
    }

    private async Task ReadAsync()
    {
        var askedAt = clock.GetTimestamp();
        try
        {
            var answer = await _http.GetFromJsonAsync<Answer>(address) ?? throw new JsonException("The list is null.");
            var listed = new Listed(
                answer.Clients.ToFrozenDictionary(StringComparer.Ordinal), answer.Tokens.ToFrozenSet(StringComparer.Ordinal), askedAt);
            var isNew = _listed is not { } before || !before.SaysTheSame(listed);
            _listed = listed;
            if (isNew) changed();
            if (_failures >= WorthTelling) log.LogInformation("{Address} is read again", address);
            _failures = 0;
        }
        catch (Exception error)
        {
            // Whatever it is: the next try comes, and the age of the list decides.
            if (++_failures == WorthTelling && !_ended.IsCancellationRequested)
            {
                log.LogWarning(
                    "{Address}, which lists tokens that were taken back, cannot be read: {Fault} The last list holds for {Oldest}",
                    address, error.Message, oldest);
            }
        }
    }

    private sealed record Listed(FrozenDictionary<string, long> Clients, FrozenSet<string> Tokens, long AskedAt)
    {
        public bool SaysTheSame(Listed other) =>
            Tokens.SetEquals(other.Tokens) && Clients.Count == other.Clients.Count && Clients.All(other.Clients.Contains);
    }

    private sealed record Answer(
        [property: JsonPropertyName("clients"), JsonRequired] Dictionary<string, long> Clients,
        [property: JsonPropertyName("tokens"), JsonRequired] List<string> Tokens);
}
