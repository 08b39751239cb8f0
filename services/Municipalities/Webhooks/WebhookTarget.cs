using System.Text;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Where a webhook's events go and how they are signed: sealed together, for the URL's query may hold a secret too.</summary>
/// <param name="Url">As the municipality gave it.</param>
/// <param name="Secret">Key of the signatures.</param>
public sealed record WebhookTarget(string Url, string Secret)
{
    // In no URL and in no secret.
    private const char Between = '\n';

    public byte[] Seal(StoreKeys keys, Guid webhookId) => keys.Seal(Encoding.UTF8.GetBytes(Secret + Between + Url), webhookId);

    public static WebhookTarget Unseal(StoreKeys keys, WebhookRow row)
    {
        var parts = Encoding.UTF8.GetString(keys.Unseal(row.Target, row.WebhookId)).Split(Between, 2);
        return new WebhookTarget(parts[1], parts[0]);
    }
}
