using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>Forgets deliveries 30 days after their first attempt, but for those that still wait.</summary>
static class PurgeDeliveries
{
    /// <summary>Rows of one step: small enough that calls go in between.</summary>
    public const int Step = 500;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <returns>How many are gone; fewer than <see cref="Step"/> at the end.</returns>
    public static int Run(DateTimeOffset now, WriteSession<MunicipalityStore> session) => session.Command("""
        DELETE FROM deliveries WHERE delivery_id IN (
          SELECT delivery_id FROM (
            SELECT delivery_id, first_attempt_at FROM deliveries
            WHERE asked = 0 AND NOT EXISTS (SELECT 1 FROM webhooks WHERE webhooks.webhook_id = deliveries.webhook_id AND webhooks.position < deliveries.position)
            ORDER BY delivery_id LIMIT $most)
          WHERE first_attempt_at < $before)
        """).Set("$most", Step).Set("$before", (now - Kept).ToUnixTimeMilliseconds()).ExecuteNonQuery();
}
