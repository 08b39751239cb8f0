using System.Net;
using System.Text;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.TelemetryTests;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>The token server in a process of its own: operators see its requests where they see those of the services.</summary>
public sealed class IdentityTelemetryTests
{
    [Fact]
    public async Task Requests_for_tokens_are_traced_and_counted_without_secrets()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var identity = new ServiceUnderTest("Identity"))
        {
            identity.Start([$"--Data:Folder={folder}", $"--Http:Port={identity.HttpPort}", "--Limits:ClientTokensPerSecond=1", .. collector.Settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
            using var http = new HttpClient();
            await PlatformFixture.Eventually(async () => await AnswersAsync(http, $"http://localhost:{identity.HttpPort}/health"), "the token server answers");

            var secret = await File.ReadAllTextAsync(Path.Combine(folder, "identity", "first-operator"), TestContext.Current.CancellationToken);
            using var tokens = new AccessTokens(http, $"http://localhost:{identity.HttpPort}/", "first-operator", secret);
            var token = await tokens.GetAsync(TestContext.Current.CancellationToken);

            await PlatformFixture.Eventually(
                () => Task.FromResult(collector.Spans.Any(span => span.Process == "identity" && span.Tags.GetValueOrDefault("url.path") == "/connect/token")), "the request is traced");
            await PlatformFixture.Eventually(
                () => Task.FromResult(collector.Points.Any(point => point.Process["service.name"] == "identity" && point.Metric == "http.server.request.duration")), "requests are counted");
            using var form = new FormUrlEncodedContent(
                [new("grant_type", "client_credentials"), new("client_id", "first-operator"), new("client_secret", secret)]);
            HttpStatusCode status;
            do status = (await http.PostAsync(new Uri($"http://localhost:{identity.HttpPort}/connect/token"), form, TestContext.Current.CancellationToken)).StatusCode;
            while (status == HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.TooManyRequests, status);
            await PlatformFixture.Eventually(
                () => Task.FromResult(collector.Points.Any(point => point.Process["service.name"] == "identity" && point.Metric == "beschutwerk.limits.reached" && point.Tags["limit"] == "ClientTokensPerSecond")), "a limit that was reached is counted");
            foreach (var hidden in new[] { secret, token }) Assert.DoesNotContain(collector.Bodies, body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(hidden)) >= 0);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string address)
    {
        try
        {
            return (await http.GetAsync(new Uri(address))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not yet.
            return false;
        }
    }
}
