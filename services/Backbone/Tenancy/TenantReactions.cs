using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Tenancy;

/// <summary>How every service but Municipalities itself learns which municipalities there are.</summary>
internal static class TenantReactions
{
    /// <summary>Stores a municipality; knowing it already changes its standing only.</summary>
    public static void Remember<TPlatform>(WriteSession<TPlatform> session, string code, string name, TenantStanding standing)
        where TPlatform : StoreContext =>
        session.Command("""
            INSERT INTO tenants (code, name, state, version) VALUES ($code, $name, $state, 1)
            ON CONFLICT (code) DO UPDATE SET name = $name, state = $state, version = version + 1
            """).Set("$code", code).Set("$name", name).Set("$state", (int)standing).ExecuteNonQuery();

    /// <summary>Changes the standing of a municipality.</summary>
    public static void Change<TPlatform>(WriteSession<TPlatform> session, string code, TenantStanding standing) where TPlatform : StoreContext =>
        session.Command("UPDATE tenants SET state = $state, version = version + 1 WHERE code = $code")
            .Set("$code", code).Set("$state", (int)standing).ExecuteNonQuery();
}
