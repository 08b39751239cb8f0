using System.Text;
using BeschutWerk.Municipalities.Webhooks;

namespace BeschutWerk.Rules.Tests.Municipalities;

public sealed class WebhookSignatureTests
{
    [Fact]
    public void It_is_the_HMAC_of_timestamp_dot_body() => Assert.Equal(
        // printf '1543050000.{"id":"ë"}' | openssl dgst -sha256 -hmac geheim
        "v1=caf87a5f3cbbf6c6c73f0c8a6cad6112e3d84640e840ac00e7a1ec61153bf84b",
        WebhookSignature.Sign("geheim", 1_543_050_000, Encoding.UTF8.GetBytes("""{"id":"ë"}""")));

    [Fact]
    public void Body_timestamp_and_secret_all_matter()
    {
        var signatures = new[]
        {
            WebhookSignature.Sign("a", 1, "body"u8), WebhookSignature.Sign("b", 1, "body"u8),
            WebhookSignature.Sign("a", 2, "body"u8), WebhookSignature.Sign("a", 1, "bodY"u8),
        };
        Assert.Distinct(signatures);
    }

    [Fact]
    public void A_secret_is_never_the_same_and_long_enough()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => WebhookSignature.NewSecret()).ToList();
        Assert.Distinct(secrets);
        Assert.All(secrets, secret => Assert.Equal(5 + 43, secret.Length));
    }
}
