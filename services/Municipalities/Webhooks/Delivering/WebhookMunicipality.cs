using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>A municipality that ever had a webhook, so that a start opens no other stores.</summary>
public sealed class WebhookMunicipality
{
    public required string Code { get; init; }

    /// <summary>Before its first webhook is made: one too many costs a look, one that is missing would wait for a call.</summary>
    internal static bool Note(string code, WriteSession<MunicipalitiesStore> session)
    {
        if (session.Store.WebhookMunicipalities.Find(code) is not null) return false;
        session.Store.WebhookMunicipalities.Add(new WebhookMunicipality { Code = code });
        return true;
    }
}
