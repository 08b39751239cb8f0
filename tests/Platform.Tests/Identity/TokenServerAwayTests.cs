using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.TestProcesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>What services do with tokens while the token server is away, and where a provider lists nothing that it took back.</summary>
public sealed class TokenServerAwayTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");
    private readonly HttpClient _http = new();
    private string _secret = "";
    private int _port;
    private WebApplication _server = null!;

    private string Address => $"http://localhost:{_port}/";

    private AuthorityOptions WithList => new(Address) { Revocations = new Uri(Address + "revocations") };

    public async ValueTask InitializeAsync()
    {
        _port = FreePort.Next();
        _server = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task While_it_is_away_tokens_are_taken_until_the_list_is_too_old_and_again_once_it_is_back()
    {
        var clock = new Stopwatch();
        using var validator = Validator(WithList with { OldestRevocations = TimeSpan.FromMinutes(15) }, clock);
        var (known, unseen) = (await TokenAsync(Register()), await TokenAsync(Register()));
        Assert.NotNull(await validator.ValidateAsync(known));
        await _server.StopAsync(TestContext.Current.CancellationToken);
        await _server.DisposeAsync();

        clock.Ahead = TimeSpan.FromMinutes(14);
        Assert.NotNull(validator.Known(known));
        Assert.NotNull(await validator.ValidateAsync(unseen));

        clock.Ahead = TimeSpan.FromMinutes(16);
        Assert.Null(validator.Known(known));
        var refused = await Assert.ThrowsAsync<RefusalException>(async () => await validator.ValidateAsync(known));
        Assert.Equal(ErrorReason.ServiceUnreachable, refused.Refusal.Reason);

        _server = await StartAsync();
        // A try that began before it was back may still be under way.
        await PlatformFixture.Eventually(async () => await TakenAsync(validator, known), "the token is taken again");
        Assert.NotNull(validator.Known(known));
    }

    [Fact]
    public async Task What_was_taken_back_before_it_went_away_stays_so_also_for_a_service_that_starts_later()
    {
        using var validator = Validator(WithList, TimeProvider.System);
        var token = await TokenAsync(Register());
        Assert.NotNull(await validator.ValidateAsync(token));
        Register(renew: true);
        await PlatformFixture.Eventually(() => Task.FromResult(validator.Known(token) is null), "the token is refused");
        await _server.StopAsync(TestContext.Current.CancellationToken);
        await _server.DisposeAsync();
        Assert.Null(await validator.ValidateAsync(token));

        _server = await StartAsync();
        using var later = Validator(WithList, TimeProvider.System);
        Assert.Null(await later.ValidateAsync(token));
    }

    [Fact]
    public async Task Where_the_provider_has_no_list_a_token_is_good_until_it_expires()
    {
        var clock = new BackboneTests.FastClock();
        using var validator = Validator(new AuthorityOptions(Address), clock);
        var token = await TokenAsync(Register());
        Register(renew: true);

        Assert.NotNull(await validator.ValidateAsync(token));
        await _server.StopAsync(TestContext.Current.CancellationToken);
        clock.Ahead = TimeSpan.FromMinutes(59);
        Assert.NotNull(validator.Known(token));
        clock.Ahead = TimeSpan.FromMinutes(61);
        Assert.Null(validator.Known(token));
    }

    private static async Task<bool> TakenAsync(TokenValidator validator, string token)
    {
        try
        {
            return await validator.ValidateAsync(token) is not null;
        }
        catch (RefusalException)
        {
            return false;
        }
    }

    private static TokenValidator Validator(AuthorityOptions authority, TimeProvider clock) =>
        new(authority, clock, NullLogger<TokenValidator>.Instance);

    private async Task<WebApplication> StartAsync()
    {
        var server = IdentityProcess.Build([$"--Data:Folder={_folder}", $"--Http:Port={_port}", "--Logging:LogLevel:Default=Warning"]);
        await server.StartAsync();
        return server;
    }

    private string Register(bool renew = false)
    {
        var client = new ClientRegistration("uwv", IdentityKind.Uwv, "uwv", "UWV", []);
        var clients = _server.Services.GetRequiredService<Clients>();
        return _secret = clients.RegisterAll([client], renewSecret: _ => renew)[0].NewSecret ?? _secret;
    }

    private async Task<string> TokenAsync(string secret)
    {
        using var tokens = new AccessTokens(_http, Address, "uwv", secret);
        return await tokens.GetAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The real time, but how long ago something was can be put forward.</summary>
    private sealed class Stopwatch : TimeProvider
    {
        private long _ahead;

        public TimeSpan Ahead
        {
            set => Volatile.Write(ref _ahead, (long)(value.TotalSeconds * TimestampFrequency));
        }

        public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _ahead);
    }
}
