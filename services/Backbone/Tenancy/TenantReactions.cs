using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Tenancy;

/// <summary>How every service but Municipalities itself learns which municipalities there are.</summary>
internal static class TenantReactions
{
    /// <summary>Stores a municipality. One that is known keeps its standing: what was heard of it since may be newer.</summary>
    /// <returns>Where it stands.</returns>
    public static TenantStanding Remember<TPlatform>(WriteSession<TPlatform> session, string code, string name, TenantStanding standing)
        where TPlatform : StoreContext =>
        (TenantStanding)(long)session.Command("""
            INSERT INTO tenants (code, name, state, version) VALUES ($code, $name, $state, 1)
            ON CONFLICT (code) DO UPDATE SET name = $name, version = version + 1
            RETURNING state
            """).Set("$code", code).Set("$name", name).Set("$state", (int)standing).ExecuteScalar()!;

    /// <summary>Changes the standing of a municipality.</summary>
    public static void Change<TPlatform>(WriteSession<TPlatform> session, string code, TenantStanding standing) where TPlatform : StoreContext =>
        session.Command("UPDATE tenants SET state = $state, version = version + 1 WHERE code = $code")
            .Set("$code", code).Set("$state", (int)standing).ExecuteNonQuery();
}
