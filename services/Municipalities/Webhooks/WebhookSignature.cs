using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>How a receiver knows that a request is ours and not an old one that somebody sends again.</summary>
public static class WebhookSignature
{
    /// <summary>Header with the webhook's id: which secret to use.</summary>
    public const string WebhookHeader = "Beschutwerk-Webhook";

    /// <summary>Header with the time of sending, Unix seconds; each attempt has its own.</summary>
    public const string TimestampHeader = "Beschutwerk-Timestamp";

    /// <summary>Header with the signature.</summary>
    public const string SignatureHeader = "Beschutwerk-Signature";

    /// <summary>A new secret: 256 random bits as text, which itself is the key.</summary>
    public static string NewSecret() => "bwwh_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary><c>v1=</c> and the HMAC-SHA256, in lower-case hex, over the timestamp, a dot and the body.</summary>
    public static string Sign(string secret, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp.ToString(CultureInfo.InvariantCulture) + "."));
        hmac.AppendData(body);
        return "v1=" + Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}
