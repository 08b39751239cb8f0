using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Operations;

/// <summary>What operators did to one store, for good: each row in the transaction of its effect.</summary>
internal static class OperatorActs
{
    public const string Requeued = "REQUEUED", Dropped = "DROPPED", Settled = "SETTLED", BackedUp = "BACKED_UP", Restored = "RESTORED";

    public static void Add(Func<string, SqliteCommand> command, string act, string subject, string reason, string actor, DateTimeOffset now, CloudEvent? dropped = null)
    {
        var (actedAt, bytes) = (now.ToUnixTimeMilliseconds(), dropped?.ToByteArray());
        var before = command("SELECT link FROM operator_acts ORDER BY act_id DESC LIMIT 1").ExecuteScalar() as byte[] ?? AuditChain.Beginning;
        command("INSERT INTO operator_acts (act, subject, reason, actor, acted_at, event, link) VALUES ($act, $subject, $reason, $actor, $now, $event, $link)")
            .Set("$act", act).Set("$subject", subject).Set("$reason", reason).Set("$actor", actor).Set("$now", actedAt).Set("$event", bytes)
            .Set("$link", AuditChain.OfAct(before, act, subject, reason, actor, actedAt, bytes)).ExecuteNonQuery();
    }

    /// <summary>Newest first, before a number.</summary>
    public static List<OperatorAct> List(Func<string, SqliteCommand> command, long before, int most)
    {
        var acts = new List<OperatorAct>();
        using var row = command("SELECT act_id, act, subject, reason, actor, acted_at, event FROM operator_acts WHERE act_id < $before ORDER BY act_id DESC LIMIT $most")
            .Set("$before", before).Set("$most", most).ExecuteReader();
        while (row.Read())
        {
            acts.Add(new OperatorAct
            {
                ActId = row.GetInt64(0), Act = row.GetString(1), Subject = row.GetString(2), Reason = row.GetString(3), Actor = row.GetString(4),
                ActedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))),
                Event = row.IsDBNull(6) ? null : Audience.AsSeenByOperators(CloudEvent.Parser.ParseFrom(row.GetFieldValue<byte[]>(6))),
            });
        }

        return acts;
    }
}
