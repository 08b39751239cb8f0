using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>Where a webhook does not go, what it does not tell, and who does not see it.</summary>
public sealed class ForbiddenTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    private static readonly IPAddress Allowed = IPAddress.Parse("127.0.0.1"), Private = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_whatever_it_led_to_before()
    {
        await using var receiver = await Receiver.StartAsync();
        // The same port of another address, which nobody allowed.
        await using var inside = await Receiver.StartAsync("127.0.0.2", receiver.Port);
        platform.Names["moved.example"] = new([[Private]]);
        platform.Names["mixed.example"] = new([[Allowed, Private]]);
        platform.Names["rebound.example"] = new([[Allowed], [Private]]);
        // The connection is not kept, so that the name is resolved for each.
        receiver.Answer = context =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        };

        await using var moved = await platform.HookAsync($"http://moved.example:{receiver.Port}/");
        await using var mixed = await platform.HookAsync($"http://mixed.example:{receiver.Port}/");
        await using var rebound = await platform.HookAsync($"http://rebound.example:{receiver.Port}/");
        var opened = await platform.OpenedAsync();
        foreach (var hook in new[] { moved, mixed })
        {
            var failing = (await hook.BecomesAsync(webhook => webhook.Failing is not null, "it failed")).Failing;
            Assert.Equal((DeliveryFailure.AddressForbidden, 0), (failing.Failure, failing.HttpStatus));
        }

        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
        await platform.OpenedAsync();
        Assert.Equal(DeliveryFailure.AddressForbidden, (await rebound.BecomesAsync(webhook => webhook.Failing is not null, "it led elsewhere")).Failing.Failure);
        Assert.Empty(inside.All);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Redirects_are_not_followed_and_endless_answers_are_not_read()
    {
        await using var elsewhere = await Receiver.StartAsync();
        await using var redirecting = await Receiver.StartAsync();
        redirecting.Answer = context =>
        {
            context.Response.Headers.Location = elsewhere.Url;
            context.Response.StatusCode = 308;
            return Task.CompletedTask;
        };
        var ended = new TaskCompletionSource();
        await using var endless = await Receiver.StartAsync();
        endless.Answer = async context =>
        {
            var piece = new byte[64 * 1024];
            try
            {
                while (true) await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            }
            catch (Exception closed) when (closed is IOException or OperationCanceledException)
            {
                // What this test waits for.
            }

            ended.SetResult();
        };

        await using var redirected = await platform.HookAsync(redirecting.Url);
        await using var long1 = await platform.HookAsync(endless.Url);
        await platform.OpenedAsync();
        var failing = (await redirected.BecomesAsync(webhook => webhook.Failing is not null, "it failed")).Failing;
        Assert.Equal((DeliveryFailure.Redirected, 308), (failing.Failure, failing.HttpStatus));
        Assert.Empty(elsewhere.All);

        await long1.BecomesAsync(webhook => webhook.EventsWaiting == 0, "the answer is taken without its end");
        // It would go on for ever: that it ends means that nobody reads it any more.
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_cannot_be_reached_is_named()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var untrusted = await Receiver.StartAsync(certificate: certificate);
        await using var closed = await Receiver.StartAsync();
        var closedUrl = closed.Url;
        await closed.DisposeAsync();

        await using var tls = await platform.HookAsync($"https://127.0.0.1:{untrusted.Port}/");
        await using var refused = await platform.HookAsync(closedUrl);
        await using var nameless = await platform.HookAsync("http://does-not-exist.invalid/");
        await platform.OpenedAsync();
        foreach (var (hook, failure) in new[] { (tls, DeliveryFailure.Tls), (refused, DeliveryFailure.Connection), (nameless, DeliveryFailure.NameNotFound) })
        {
            Assert.Equal(failure, (await hook.BecomesAsync(webhook => webhook.Failing is not null, $"{failure}")).Failing.Failure);
        }

        Assert.Empty(untrusted.All);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_webhook_is_said_at_once_and_ten_is_the_limit()
    {
        var bad = new CreateWebhookRequest
        {
            Municipality = Groningen, RequestId = NewId(), Url = "https://10.0.0.1/", After = "AAAA", FromBeginning = true,
            Types_ =
            {
                "nl.participatiewet.beschut-werk.case-opened.v1", "case-opened", "nl.participatiewet.beschut-werk.tenant-registered.v1",
                "case-openend", "nl.participatiewet.beschut-werk.case-opened.v2", "practice-published",
            },
        };
        var refused = await RefusedAsync(platform.Webhooks(Groningen).CreateWebhookAsync(bad));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidFields), (refused.Code, refused.Reason));
        Assert.Equal(["url", "types[2]", "types[3]", "types[4]", "types[5]", "after", "from_beginning"], refused.Fields);
        Assert.DoesNotContain("10.0.0.1", refused.Descriptions, StringComparison.Ordinal);

        var amsterdams = (await platform.FeedAsync()).ResumeToken;
        Assert.Equal((StatusCode.OutOfRange, ErrorReason.TokenOfAnotherStore), await CodeAsync(new CreateWebhookRequest { Municipality = Groningen, RequestId = NewId(), Url = "https://gemeente.example/", After = amsterdams }));

        for (var i = 0; i < 10; i++) await platform.HookAsync($"https://gemeente.example/{i}", Groningen);
        Assert.Equal((StatusCode.FailedPrecondition, ErrorReason.WebhookLimitReached), await CodeAsync(new CreateWebhookRequest { Municipality = Groningen, RequestId = NewId(), Url = "https://gemeente.example/" }));
        var first = await platform.Webhooks(Groningen).ListWebhooksAsync(new ListWebhooksRequest { Municipality = Groningen, PageSize = 8 });
        var rest = await platform.Webhooks(Groningen).ListWebhooksAsync(new ListWebhooksRequest { Municipality = Groningen, PageSize = 8, PageToken = first.NextPageToken });
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"https://gemeente.example/{i}"), first.Webhooks.Concat(rest.Webhooks).Select(webhook => webhook.Url));
        Assert.Equal("", rest.NextPageToken);

        async Task<(StatusCode, ErrorReason)> CodeAsync(CreateWebhookRequest request)
        {
            var answer = await RefusedAsync(platform.Webhooks(Groningen).CreateWebhookAsync(request));
            return (answer.Code, answer.Reason);
        }
    }

    [Fact]
    public async Task Nobody_touches_the_webhook_of_another_municipality()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var hook = await platform.HookAsync(receiver.Url);
        await platform.OpenedAsync();
        await receiver.NextAsync();
        await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "it is delivered");
        var delivery = (await hook.DeliveriesAsync())[0];

        foreach (var (code, reason, client) in new[]
        {
            // Its own municipality, somebody else's id; and somebody else's municipality.
            (Utrecht, ErrorReason.NotFound, platform.Webhooks(Utrecht)),
            (Amsterdam, ErrorReason.MunicipalityNotFound, platform.Webhooks(Utrecht)),
        })
        {
            var refusals = new[]
            {
                await RefusedAsync(client.DeleteWebhookAsync(new DeleteWebhookRequest { Municipality = code, RequestId = NewId(), WebhookId = hook.Id })),
                await RefusedAsync(client.PauseWebhookAsync(new PauseWebhookRequest { Municipality = code, RequestId = NewId(), WebhookId = hook.Id })),
                await RefusedAsync(client.ResumeWebhookAsync(new ResumeWebhookRequest { Municipality = code, RequestId = NewId(), WebhookId = hook.Id })),
                await RefusedAsync(client.ListDeliveriesAsync(new ListDeliveriesRequest { Municipality = code, WebhookId = hook.Id })),
                await RefusedAsync(client.RetryDeliveryAsync(new RetryDeliveryRequest { Municipality = code, RequestId = NewId(), WebhookId = hook.Id, DeliveryId = delivery.DeliveryId })),
            };
            Assert.All(refusals, refused => Assert.Equal((StatusCode.NotFound, reason), (refused.Code, refused.Reason)));
        }

        Assert.Empty((await platform.Webhooks(Utrecht).ListWebhooksAsync(new ListWebhooksRequest { Municipality = Utrecht })).Webhooks);
        var list = new ListWebhooksRequest { Municipality = Amsterdam };
        foreach (var invoker in new[] { platform.Uwv(), platform.Operator(), platform.SwCompany(Company), platform.Service(), platform.Citizen("jan", Amsterdam) })
        {
            Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(new WebhookService.WebhookServiceClient(invoker).ListWebhooksAsync(list))).Code);
        }
    }
}
