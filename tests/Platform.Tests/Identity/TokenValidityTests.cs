using BeschutWerk.Backbone.Security;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>When a token is valid is one rule, whether it was seen before or not.</summary>
public sealed class TokenValidityTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    [Fact]
    public async Task A_token_is_taken_until_thirty_seconds_after_its_end_and_then_by_nobody()
    {
        var client = new ClientRegistration("uwv-validity", OrganisationKind.Uwv, "uwv", "UWV", []);
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        using var http = new HttpClient();
        using var tokens = new AccessTokens(http, platform.Options.Authority, client.ClientId, secret);
        var token = await tokens.GetAsync(TestContext.Current.CancellationToken);
        var clock = new FastClock();
        using var known = Validator(clock);
        Assert.NotNull(await known.ValidateAsync(token));

        foreach (var (minutes, seconds, isTaken) in new[] { (59, 0, true), (60, 10, true), (60, 20, true), (60, 45, false), (60, 50, false) })
        {
            clock.Ahead = new TimeSpan(0, minutes, seconds);
            Assert.Equal(isTaken, known.Known(token) is not null);
            Assert.Equal(isTaken, await known.ValidateAsync(token) is not null);
            // To one that sees it for the first time it is the same.
            using var first = Validator(clock);
            Assert.Equal(isTaken, await first.ValidateAsync(token) is not null);
        }
    }

    private TokenValidator Validator(FastClock clock) =>
        new(new AuthorityOptions(platform.Options.Authority), clock, NullLogger<TokenValidator>.Instance);
}
