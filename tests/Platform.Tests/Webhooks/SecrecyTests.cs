using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>The secret of a webhook, and what its URL may hold, are told to its municipality and to nobody else.</summary>
public sealed class SecrecyTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    private const string Token = "sleutel-in-de-query", Path = "sleutel-in-het-pad";

    [Fact]
    public async Task A_secret_is_in_the_answer_to_its_creation_and_readable_in_no_file_log_or_span()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await using var receiver = await Receiver.StartAsync();
        var request = new CreateWebhookRequest { Municipality = Amsterdam, RequestId = NewId(), Url = $"{receiver.Url}/{Path}?token={Token}" };
        var created = await platform.Webhooks().CreateWebhookAsync(request);
        await using var hook = new Hook(platform, Amsterdam, created);
        Assert.True(created.Secret.Length > 40);
        // The answer was lost: the same call tells it again, another makes another webhook.
        Assert.Equal(created, await platform.Webhooks().CreateWebhookAsync(request));

        var opened = await platform.OpenedAsync();
        var received = await receiver.NextAsync();
        Assert.Equal($"POST /haak/{Path}?token={Token}", received.Target);
        receiver.Answer = Receiver.Status(410);
        await platform.OpenedAsync();
        Assert.Equal(request.Url, (await hook.BecomesAsync(webhook => webhook.State == WebhookState.Paused, "it is paused")).Url);

        // The delivery is a span of the trace that caused the event, and of the URL it knows the host.
        Activity? deliver = null;
        await PlatformFixture.Eventually(() => Task.FromResult((deliver = spans.FirstOrDefault(span => span.Id == received.Headers["traceparent"])) is not null), "the delivery is traced");
        Assert.Equal(("deliver case-opened", received.Event.Traceparent.Split('-')[1], "127.0.0.1", $"webhook:{hook.Id}"),
            (deliver!.OperationName, $"{deliver.TraceId}", deliver.GetTagItem("server.address"), deliver.GetTagItem("beschutwerk.subscriber")));
        Assert.Equal(opened, received.Event.Subject);

        string[] secrets = [created.Secret, Token, Path];
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(platform.Logged, line => line.Contains(secret, StringComparison.Ordinal));
            // Not the receiver's own: it knows its URL.
            Assert.DoesNotContain(spans.Where(span => span.Kind != ActivityKind.Server), span => Said(span).Contains(secret, StringComparison.Ordinal));
        }

        Assert.Empty(Revealing(platform.Options.DataFolder, secrets));
        await platform.RestartAsync();
        Assert.Empty(Revealing(platform.Options.DataFolder, secrets));
        Assert.Equal(request.Url, (await hook.SeenAsync()).Url);
    }

    private static string Said(Activity span) =>
        string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Append(span.DisplayName).Append(span.StatusDescription)
            .Concat(span.Events.SelectMany(e => e.Tags.Select(tag => $"{tag.Value}"))));

    /// <summary>Files in which any of the texts stands.</summary>
    private static List<string> Revealing(string folder, string[] texts)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, file => file.EndsWith($"{Amsterdam}.db", StringComparison.Ordinal));
        return [.. files.Where(file => texts.Any(text => Bytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0))];
    }

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
