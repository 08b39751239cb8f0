using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Access tokens of one client by OAuth 2.0 client credentials, kept until shortly before they expire.
/// </summary>
/// <param name="http">Client for the token endpoint.</param>
/// <param name="authority">Issuer, such as <c>http://localhost:5180/</c>.</param>
/// <param name="clientId">Client id.</param>
/// <param name="clientSecret">Its secret.</param>
public sealed class AccessTokens(HttpClient http, string authority, string clientId, string clientSecret) : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(1);

    /// <summary>A token that is refused sooner than that was not taken back: another one would be refused too.</summary>
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private string? _token;
    private DateTimeOffset _renewAt;
    private DateTimeOffset _givenAt;

    /// <summary>Further fields of the token request, such as the citizen that a portal speaks for.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>A token that is valid for at least a minute.</summary>
    public async ValueTask<string> GetAsync(CancellationToken cancel)
    {
        if (_token is { } known && DateTimeOffset.UtcNow < _renewAt) return known;
        await _gate.WaitAsync(cancel);
        try
        {
            if (_token is { } meanwhile && DateTimeOffset.UtcNow < _renewAt) return meanwhile;
            using var answer = await http.PostAsync(new Uri(new Uri(authority), "connect/token"), new FormUrlEncodedContent(new Dictionary<string, string>(Parameters)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = clientId,
                ["client_secret"] = clientSecret,
            }), cancel);
            answer.EnsureSuccessStatusCode();
            var token = await answer.Content.ReadFromJsonAsync<TokenAnswer>(cancel) ?? throw new InvalidDataException("The token endpoint answered nothing.");
            _givenAt = DateTimeOffset.UtcNow;
            _renewAt = _givenAt + TimeSpan.FromSeconds(token.ExpiresIn) - RenewBefore;
            return _token = token.AccessToken;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The token was refused, so it may have been taken back: the next call gets another one.</summary>
    /// <returns>Whether it does.</returns>
    public bool Forget()
    {
        if (DateTimeOffset.UtcNow < _givenAt + SoonestAgain) return false;
        _token = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>The tokens that services of this process show to others: each its own, so that the log names who acted.</summary>
/// <param name="GetAsync">Gives that of a service, by its name.</param>
/// <param name="Refused">That of this service was refused: it may have been taken back.</param>
public sealed record ServiceToken(Func<string, CancellationToken, ValueTask<string>> GetAsync, Action<string> Refused);
