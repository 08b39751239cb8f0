using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BeschutWerk.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>Only the token server, on a real Kestrel; everything is asked of it over HTTP.</summary>
sealed class TokenServer : IAsyncDisposable
{
    public const string Issuer = "http://localhost:5180/";

    /// <summary>Something else in the same process: answers whether its requests pass the token server's middleware.</summary>
    public const string OtherPath = "/other";

    public const string ClientsPath = "/clients";

    readonly WebApplication app;

    TokenServer(WebApplication app, IdentityOptions options)
    {
        this.app = app;
        Options = options;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
    }

    public IdentityOptions Options { get; }

    public HttpClient Http { get; }

    public Clients Clients => app.Services.GetRequiredService<Clients>();

    /// <param name="folder">The data folder of the token server.</param>
    /// <param name="clock">Stands in for the clock of the machine.</param>
    /// <param name="caller">The address that requests seem to come from; the test itself can only call from this machine.</param>
    /// <param name="issuer">With https the server is one that has a certificate.</param>
    /// <param name="log">Told everything that is logged, at every level.</param>
    public static async Task<TokenServer> Start(
        string folder, TimeProvider? clock = null, IPAddress? caller = null, string issuer = Issuer, ILoggerProvider? log = null)
    {
        var options = new IdentityOptions { DataFolder = folder, Issuer = new Uri(issuer), Clock = clock ?? TimeProvider.System };
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.SetMinimumLevel(LogLevel.Trace).AddFilter(_ => true).AddProvider(log);
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddIdentity(options);
        var app = builder.Build();
        if (caller is not null)
        {
            app.Use((context, next) =>
            {
                context.Connection.RemoteIpAddress = caller;
                return next(context);
            });
        }
        app.MapIdentity();
        app.MapGet(OtherPath, (HttpContext context) => context.Features.Get<IAuthenticationFeature>() is not null);
        await app.StartAsync();
        return new TokenServer(app, options);
    }

    /// <summary>Registers the client and gives its secret.</summary>
    public string Register(ClientRegistration registration) => Clients.RegisterAll([registration]).Single().NewSecret!;

    public Task<HttpResponseMessage> Ask(params (string Name, string Value)[] form) => Ask(IdentityServer.TokenPath, form);

    public Task<HttpResponseMessage> Ask(string path, params (string Name, string Value)[] form) =>
        Http.PostAsync(path, new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    public Task<HttpResponseMessage> AskToken(string clientId, string secret) =>
        Ask(("grant_type", "client_credentials"), ("client_id", clientId), ("client_secret", secret));

    /// <summary>Registers clients over HTTP.</summary>
    public Task<HttpResponseMessage> PostClients(string json, string clientId, string secret, string query = "") =>
        Send(HttpMethod.Post, ClientsPath + query, clientId, secret, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>A request with the client id and secret in a Basic header.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string clientId, string secret, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = Basic(clientId, secret);
        return await Http.SendAsync(request);
    }

    public static AuthenticationHeaderValue Basic(string clientId, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{clientId}:{secret}")));

    public async Task<string> Token(string clientId, string secret)
    {
        using var response = await AskToken(clientId, secret);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.GetProperty("access_token").GetString()!;
    }

    /// <summary>Checks a token as a service does: with the keys that the server publishes.</summary>
    public async Task<TokenValidationResult> Validate(string token, DateTime? now = null) =>
        await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = TokenClaims.Audience,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = ["at+jwt"],
            IssuerSigningKeys = (await Keys()).GetSigningKeys(),
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (notBefore, expires, _, _) => expires > (now ?? DateTime.UtcNow),
        });

    public async Task<JsonWebKeySet> Keys() => new(await Http.GetStringAsync(IdentityServer.KeysPath));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }
}
