using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>Why an event was parked, beside the name of an exception.</summary>
public static class ParkReason
{
    /// <summary>A type, field or value that this program does not know; requeue it after the upgrade.</summary>
    public const string UnknownVersion = "UNKNOWN_VERSION";

    /// <summary>The process died each time it was handled.</summary>
    public const string ProcessDied = "PROCESS_DIED";

    /// <summary>Delivered for a municipality that does not exist; parked in the platform store.</summary>
    public const string UnknownMunicipality = "UNKNOWN_MUNICIPALITY";

    /// <summary>Delivered, but no CloudEvent; parked in the platform store, its body as the event's data.</summary>
    public const string Unreadable = "UNREADABLE";

    /// <summary>An earlier event of its chain is parked.</summary>
    public const string BehindAnother = "BEHIND_ANOTHER";
}

/// <summary>An event that waits for an operator.</summary>
/// <param name="ParkedId">Its number in the store.</param>
/// <param name="SourceId">Of which source of the store; 0 for what is no event.</param>
/// <param name="Subject">What it is about. With the same of the same municipality it is a chain.</param>
/// <param name="Reason">Why it waits.</param>
/// <param name="Position">Where it stands in the log; 0 when it is not kept there.</param>
/// <param name="Event">The event, verbatim.</param>
/// <param name="ParkedAt">Since when it waits.</param>
public sealed record ParkedEvent(long ParkedId, int SourceId, string Subject, string Reason, long Position, CloudEvent Event, DateTimeOffset ParkedAt)
{
    /// <summary>What it is about, as operators may see it.</summary>
    public string SubjectForOperators => Audience.AsSeenByOperators(Event).Subject;
}

/// <summary>The parked events of one store: chains by municipality and subject, in order.</summary>
internal static class ParkedEvents
{
    // Insight keeps what it heard of all municipalities in one store, and their subjects may be the same, such as a year.
    private const string OfChain = "subject = $subject AND (SELECT origin FROM sources WHERE source_id = parked.source_id) IS (SELECT origin FROM sources WHERE source_id = $source)";
    private const string Columns = "parked_id, source_id, subject, reason, position, event, parked_at";

    /// <summary>Whether the chain to which an event of that source belongs waits here.</summary>
    public static bool Holds(Func<string, Statement> statement, int sourceId, string subject)
    {
        var select = statement("SELECT 1 FROM parked WHERE " + OfChain);
        select.Bind(1, subject);
        select.Bind(2, sourceId);
        var holds = select.Step();
        select.Reset();
        return holds;
    }

    public static void Add(Func<string, SqliteCommand> command, int sourceId, CloudEvent parked, long position, string reason, DateTimeOffset now) =>
        command("""
            INSERT INTO parked (source_id, sequence, subject, reason, parked_at, position, event)
            VALUES ($source, $sequence, $subject, $reason, $now, $position, $event)
            """).Set("$source", sourceId).Set("$sequence", parked.Sequence).Set("$subject", parked.Subject).Set("$reason", reason)
            .Set("$now", now.ToUnixTimeMilliseconds()).Set("$position", position == 0 ? null : position).Set("$event", parked.ToByteArray()).ExecuteNonQuery();

    /// <summary>Whether that event of that source is parked already.</summary>
    public static bool Has(Func<string, SqliteCommand> command, int sourceId, long sequence, string subject) =>
        command("SELECT EXISTS (SELECT 1 FROM parked WHERE source_id = $source AND sequence = $sequence AND subject = $subject)")
            .Set("$source", sourceId).Set("$sequence", sequence).Set("$subject", subject).ExecuteScalar() is 1L;

    /// <summary>Oldest first.</summary>
    /// <param name="command">The session's.</param>
    /// <param name="after">Behind this number.</param>
    /// <param name="most">So many.</param>
    public static List<ParkedEvent> List(Func<string, SqliteCommand> command, long after = 0, int most = int.MaxValue) =>
        Read(command($"SELECT {Columns} FROM parked WHERE parked_id > $after ORDER BY parked_id LIMIT $most").Set("$after", after).Set("$most", most));

    /// <summary>The first event of the chain that an event belongs to; null when the chain is gone.</summary>
    public static ParkedEvent? First(Func<string, SqliteCommand> command, ParkedEvent ofChain) =>
        Read(command($"SELECT {Columns} FROM parked WHERE {OfChain} ORDER BY parked_id LIMIT 1").Set("$subject", ofChain.Subject).Set("$source", ofChain.SourceId)).FirstOrDefault();

    /// <summary>One parked event; null when it is not parked any more.</summary>
    public static ParkedEvent? Find(Func<string, SqliteCommand> command, long parkedId) =>
        Read(command($"SELECT {Columns} FROM parked WHERE parked_id = $id").Set("$id", parkedId)).FirstOrDefault();

    /// <summary>How many wait, and since when.</summary>
    public static (int Count, DateTimeOffset? Oldest) Count(Func<string, SqliteCommand> command)
    {
        using var row = command("SELECT COUNT(*), MIN(parked_at) FROM parked").ExecuteReader();
        row.Read();
        return (row.GetInt32(0), row.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)));
    }

    /// <summary>How many wait in the chain that an event belongs to.</summary>
    public static int CountChain(Func<string, SqliteCommand> command, ParkedEvent ofChain) =>
        Convert.ToInt32(command("SELECT COUNT(*) FROM parked WHERE " + OfChain).Set("$subject", ofChain.Subject).Set("$source", ofChain.SourceId).ExecuteScalar());

    /// <returns>Whether it was parked.</returns>
    public static bool Remove(Func<string, SqliteCommand> command, long parkedId) =>
        command("DELETE FROM parked WHERE parked_id = $id").Set("$id", parkedId).ExecuteNonQuery() > 0;

    private static List<ParkedEvent> Read(SqliteCommand select)
    {
        var parked = new List<ParkedEvent>();
        using var row = select.ExecuteReader();
        while (row.Read())
        {
            parked.Add(new ParkedEvent(
                row.GetInt64(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? 0 : row.GetInt64(4),
                CloudEvent.Parser.ParseFrom(row.GetFieldValue<byte[]>(5)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6))));
        }

        return parked;
    }
}
