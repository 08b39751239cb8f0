using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Turns an access token into its caller. A validated token is kept until it expires, so that the signature is checked
/// once, not per call. When a token is valid is one rule, <see cref="HasEnded"/>: at its first use, when it is known, and for the
/// stream that it opened.
/// </summary>
public sealed class TokenValidator : IDisposable
{
    private const int MostKept = 20_000;

    /// <summary>How far the clock of who issued a token may differ from ours: it is valid that long before and after what it says.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>RFC 9068 knows both forms. Another kind of token of the same issuer, such as an ID token, is no access token.</summary>
    private static readonly string[] Types = ["at+jwt", "application/at+jwt"];

    private readonly ConcurrentDictionary<string, Caller> _validated = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TokenWatch, bool> _watches = new();
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _configuration;
    private readonly Revocations? _revocations;
    private readonly PersonKey _personKey;
    private readonly TimeProvider _clock;

    public TokenValidator(AuthorityOptions authority, TimeProvider clock, ILogger<TokenValidator> log)
    {
        _clock = clock;
        _personKey = new PersonKey(authority.PersonKeyFile);
        _configuration = new ConfigurationManager<OpenIdConnectConfiguration>(
            authority.Authority.TrimEnd('/') + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = authority.Authority.StartsWith("https:", StringComparison.Ordinal) });
        if (authority.Revocations is { } list) _revocations = new Revocations(list, authority.OldestRevocations, clock, EndStreams, log);
    }

    /// <summary>The caller of a token that was validated before and is still valid; null when there is more to check.</summary>
    public Caller? Known(ReadOnlySpan<char> token) =>
        _validated.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var known)
            && _revocations is not { IsFresh: false } && !HasEnded(known) ? known : null;

    /// <summary>The caller of a token; null when it is expired, taken back, malformed or not ours.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public async ValueTask<Caller?> ValidateAsync(string token)
    {
        if (_revocations is not null) await _revocations.RequireFreshAsync();
        if (_validated.TryGetValue(token, out var known)) return HasEnded(known) ? null : known;

        var result = await CheckAsync(token);
        if (!result.IsValid)
        {
            // The key may have been replaced since the configuration was read.
            if (result.Exception is not SecurityTokenSignatureKeyNotFoundException) return null;
            _configuration.RequestRefresh();
            result = await CheckAsync(token);
            if (!result.IsValid) return null;
        }

        var caller = TokenClaims.CallerOf((JsonWebToken)result.SecurityToken, End(result.SecurityToken.ValidTo), _personKey);
        if (caller is null) return null;
        if (_validated.Count >= MostKept) ForgetExpired();
        _validated[token] = caller;
        return HasEnded(caller) ? null : caller;
    }

    /// <summary>Whether the token that the caller showed is good no more: it expired, or was taken back.</summary>
    public bool HasEnded(Caller caller) =>
        caller.ValidUntil <= _clock.GetUtcNow() || (caller.Token is { } token && _revocations?.Holds(token) == true);

    /// <summary>Tells a stream when the token that opened it expires or is taken back.</summary>
    public TokenWatch Watch(Caller caller)
    {
        var watch = new TokenWatch(caller, _watches, _clock);
        // It may have been taken back before it was watched.
        if (HasEnded(caller)) watch.End();
        return watch;
    }

    /// <inheritdoc/>
    public void Dispose() => _revocations?.Dispose();

    private void EndStreams()
    {
        foreach (var watch in _watches.Keys)
        {
            if (HasEnded(watch.Caller)) watch.End();
        }
    }

    private async Task<TokenValidationResult> CheckAsync(string token)
    {
        var configuration = await ConfigurationAsync();
        return await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = AuthorityOptions.Audience,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = Types,
            LifetimeValidator = (from, to, _, _) => to is { } end && IsValid(from, end),
        });
    }

    private async Task<OpenIdConnectConfiguration> ConfigurationAsync()
    {
        try
        {
            return await _configuration.GetConfigurationAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // Whether the token is good cannot be known now: that is no refusal of the caller.
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "The token server cannot be asked now.").ToException();
        }
    }

    private bool IsValid(DateTime? from, DateTime to)
    {
        var now = _clock.GetUtcNow();
        return now < End(to) && (from is not { } first || now >= Utc(first) - ClockSkew);
    }

    private static DateTimeOffset End(DateTime to) => Utc(to) + ClockSkew;

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private void ForgetExpired()
    {
        var now = _clock.GetUtcNow();
        foreach (var (token, caller) in _validated)
        {
            if (caller.ValidUntil <= now) _validated.TryRemove(token, out _);
        }

        if (_validated.Count >= MostKept) _validated.Clear();
    }
}

/// <summary>A stream that ends when the token that opened it is taken back.</summary>
public sealed class TokenWatch : IDisposable
{
    private readonly ConcurrentDictionary<TokenWatch, bool> _all;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer? _expiry;

    internal TokenWatch(Caller caller, ConcurrentDictionary<TokenWatch, bool> all, TimeProvider clock)
    {
        (Caller, _all) = (caller, all);
        Ended = _ended.Token;
        all.TryAdd(this, true);
        var left = caller.ValidUntil - clock.GetUtcNow();
        if (left < Longest)
            _expiry = clock.CreateTimer(static watch => ((TokenWatch)watch!).End(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A timer cannot wait much longer; no token lives as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>Cancelled when the token expires or is taken back.</summary>
    public CancellationToken Ended { get; }

    internal Caller Caller { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.TryRemove(this, out _);
        _expiry?.Dispose();
        _ended.Dispose();
    }

    internal void End()
    {
        try
        {
            // Aside: what the stream does then must not keep others from their end.
            _ = _ended.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The stream ended by itself.
        }
    }
}
