using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>A municipality that ever had a webhook, so that a start opens no other stores.</summary>
public sealed class WebhookMunicipality
{
    public required string Code { get; init; }

    // At every start: EF Core would first build its model, which costs more than all the rest of it.
    internal static List<TenantId> All(ReadSession<MunicipalitiesStore> session)
    {
        var all = new List<TenantId>();
        using var rows = session.Command("SELECT code FROM webhook_municipalities").ExecuteReader();
        while (rows.Read()) all.Add(TenantId.Parse(rows.GetString(0)));
        return all;
    }

    /// <summary>Before its first webhook is made: one too many costs a look, one that is missing would wait for a call.</summary>
    internal static bool Note(string code, WriteSession<MunicipalitiesStore> session)
    {
        if (session.Store.WebhookMunicipalities.Find(code) is not null) return false;
        session.Store.WebhookMunicipalities.Add(new WebhookMunicipality { Code = code });
        return true;
    }
}
