using System.Diagnostics;
using System.Text.Json;
using BeschutWerk.Contracts.Municipalities;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>A receiver in another language (<c>tests/NodeClient/receiver.mjs</c>) that checks signatures as the README shows.</summary>
public sealed class NodeReceiverTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    private static readonly string Root = FindRoot(), Folder = Path.Combine(Root, "tests", "NodeClient");

    [Fact]
    public async Task It_takes_what_the_platform_signed_and_refuses_everything_else()
    {
        using var node = Process.Start(new ProcessStartInfo("node", "receiver.mjs")
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        async Task<JsonElement> NextAsync() =>
            JsonDocument.Parse((await node.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)))!).RootElement;

        var url = $"http://127.0.0.1:{(await NextAsync()).GetProperty("port").GetInt32()}/";
        await using var ours = await Receiver.StartAsync();
        await using var copy = await platform.HookAsync(ours.Url);
        await using var hook = await platform.HookAsync(url);
        await node.StandardInput.WriteLineAsync(hook.Secret);
        await platform.OpenedAsync();
        var taken = await NextAsync();
        Assert.Equal(("application/cloudevents+json", "nl.participatiewet.beschut-werk.case-opened.v1"), (taken.GetProperty("contentType").GetString(), taken.GetProperty("type").GetString()));
        await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "it was accepted");

        // Another webhook's signature over the same body; nothing signed; an old one with the right secret; a changed body.
        var received = await ours.NextAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal(401, await PostAsync(url, received.Body, received.Headers["Beschutwerk-Timestamp"], received.Headers["Beschutwerk-Signature"]));
        Assert.Equal(401, await PostAsync(url, received.Body, "", ""));
        Assert.Equal(401, await PostAsync(url, received.Body, now - 301, now - 301, hook.Secret));
        Assert.Equal(401, await PostAsync(url, received.Body, now, now - 1, hook.Secret));
        Assert.Equal(204, await PostAsync(url, received.Body, now, now, hook.Secret));
        for (var i = 0; i < 4; i++) Assert.True((await NextAsync()).GetProperty("refused").GetBoolean());

        node.StandardInput.Close();
        await node.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void The_README_shows_the_code_that_was_tried()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "services", "Municipalities", "README.md"));
        Assert.Contains($"```js\n{File.ReadAllText(Path.Combine(Folder, "genuine.mjs"))}```\n", readme, StringComparison.Ordinal);
    }

    private static Task<int> PostAsync(string url, byte[] body, long timestamp, long signedAt, string secret) =>
        PostAsync(url, body, $"{timestamp}", BeschutWerk.Municipalities.Webhooks.WebhookSignature.Sign(secret, signedAt, body));

    private static async Task<int> PostAsync(string url, byte[] body, string timestamp, string signature)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("Beschutwerk-Timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("Beschutwerk-Signature", signature);
        return (int)(await http.SendAsync(request)).StatusCode;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
