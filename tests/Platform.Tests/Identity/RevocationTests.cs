using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>Tokens that are taken back before they end, as services see it.</summary>
public sealed class RevocationTests(PlatformFixture platform) : IClassFixture<PlatformFixture>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(platform.Options.Authority), Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task With_a_new_secret_and_other_municipalities_the_old_token_reads_no_municipality_any_more()
    {
        var old = await TokenAsync("moved", await RegisterAsync("moved", "GM0363"));
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(old));

        var secret = await RegisterAsync("moved", "GM0599", renew: true);

        var now = await TokenAsync("moved", secret);
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(now, "GM0599"));
        await RefusedAsync(old);
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(now, "GM0599"));
    }

    [Fact]
    public async Task With_other_municipalities_alone_too_and_with_another_name_not()
    {
        var secret = await RegisterAsync("renamed", "GM0363");
        var first = await TokenAsync("renamed", secret);
        await RegisterAsync("renamed", "GM0363", name: "Another name");
        var last = await TokenAsync("renamed", secret);

        await RegisterAsync("changed", "GM0363");
        await RegisterAsync("renamed", "GM0599");
        await RefusedAsync(first);
        await RefusedAsync(last);
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(await TokenAsync("renamed", secret), "GM0599"));
    }

    [Fact]
    public async Task The_tokens_of_a_deleted_client_end_and_stay_ended_when_it_is_registered_anew()
    {
        var old = await TokenAsync("gone", await RegisterAsync("gone", "GM0363"));
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(old));

        using (var deleted = await SendAsync(HttpMethod.Delete, "clients/gone")) Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await RefusedAsync(old);
        var anew = await TokenAsync("gone", await RegisterAsync("gone", "GM0363"));

        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(anew));
        Assert.Equal(ErrorReason.NotAuthenticated, await ReasonAsync(old));
    }

    [Fact]
    public async Task One_token_is_taken_back_by_its_client_or_an_operator_and_the_others_stay()
    {
        var (secret, stranger) = (await RegisterAsync("several", "GM0363"), await RegisterAsync("stranger", "GM0363"));
        var (first, second) = (await TokenAsync("several", secret), await TokenAsync("several", secret));
        var third = await TokenAsync("several", secret);

        using (var refused = await RevokeAsync("stranger", stranger, second)) Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using (var wrong = await RevokeAsync("several", "wrong", second)) Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using (var nothing = await RevokeAsync("several", secret, "no token")) Assert.Equal(HttpStatusCode.OK, nothing.StatusCode);
        using (var own = await RevokeAsync("several", secret, first)) Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using (var byOperator = await RevokeAsync(ServiceSecrets.FirstOperator, FirstSecret, third))
            Assert.Equal(HttpStatusCode.OK, byOperator.StatusCode);

        await RefusedAsync(first);
        await RefusedAsync(third);
        Assert.NotEqual(ErrorReason.NotAuthenticated, await ReasonAsync(second));
    }

    [Fact]
    public async Task A_stream_that_the_token_opened_ends_with_it_also_while_nothing_happens()
    {
        var client = new ClientRegistration("listening", IdentityKind.Operator, "listening", "Listening", []);
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([client])[0].NewSecret!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var events = new EventService.EventServiceClient(platform.WithToken(await TokenAsync("listening", secret)));
        using var stream = events.Subscribe(new SubscribeRequest(), cancellationToken: limit.Token);
        while (await stream.ResponseStream.MoveNext(limit.Token) && stream.ResponseStream.Current.CaughtUp is null) { }

        using (var deleted = await SendAsync(HttpMethod.Delete, "clients/listening"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        var ended = await Assert.ThrowsAsync<RpcException>(async () => { while (await stream.ResponseStream.MoveNext(limit.Token)) { } });
        Assert.Equal(ErrorReason.NotAuthenticated, RefusalStatus.ReasonOf(ended));
    }

    [Fact]
    public async Task The_list_names_no_client()
    {
        await RegisterAsync("not-named", "GM0363");
        await RegisterAsync("not-named", "GM0363", renew: true);

        var list = await _http.GetStringAsync(new Uri("revocations", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("not-named", list, StringComparison.Ordinal);
        Assert.NotEmpty(JsonSerializer.Deserialize<JsonElement>(list).GetProperty("clients").EnumerateObject());
    }

    private string FirstSecret => File.ReadAllText(Path.Combine(platform.Options.DataFolder, "identity", ServiceSecrets.FirstOperator));

    /// <summary>Registers a municipality's client as the first operator does.</summary>
    /// <returns>Its new secret; empty when it keeps the one that it has.</returns>
    private async Task<string> RegisterAsync(string clientId, string municipality, bool renew = false, string name = "A municipality")
    {
        string[] municipalities = [municipality];
        var registration = new { client_id = clientId, kind = "municipality", organisation_id = municipality, name, municipalities };
        using var answer = await SendAsync(HttpMethod.Post, $"clients?renew={renew}", JsonContent.Create(new[] { registration }));
        answer.EnsureSuccessStatusCode();
        var made = (await answer.Content.ReadFromJsonAsync<JsonElement>())[0];
        return made.TryGetProperty("client_secret", out var secret) ? secret.GetString()! : "";
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = TokenServer.Basic(ServiceSecrets.FirstOperator, FirstSecret);
        return await _http.SendAsync(request);
    }

    private Task<HttpResponseMessage> RevokeAsync(string clientId, string secret, string token) => _http.PostAsync(
        new Uri("connect/revoke", UriKind.Relative),
        new FormUrlEncodedContent([new("client_id", clientId), new("client_secret", secret), new("token", token)]));

    private async Task<string> TokenAsync(string clientId, string secret)
    {
        using var tokens = new AccessTokens(_http, platform.Options.Authority, clientId, secret);
        return await tokens.GetAsync(TestContext.Current.CancellationToken);
    }

    private Task RefusedAsync(string token) => PlatformFixture.Eventually(
        async () => await ReasonAsync(token) == ErrorReason.NotAuthenticated, "the token that was taken back is refused");

    private async Task<ErrorReason> ReasonAsync(string token, string municipality = "GM0363")
    {
        try
        {
            var events = new EventService.EventServiceClient(platform.WithToken(token));
            await events.ReadEventsAsync(new ReadEventsRequest { Municipality = municipality });
            return ErrorReason.Unspecified;
        }
        catch (RpcException refused)
        {
            return RefusalStatus.ReasonOf(refused);
        }
    }
}
