using System.Text;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>Appends to the log of one store, inside the writer's transaction.</summary>
internal sealed class EventWriter
{
    /// <summary>The most that intermediaries must forward, with room for the attributes (NL GOV profile: 64 KB).</summary>
    private const int MostJson = 60 * 1024;

    /// <summary>
    /// Below this many protobuf bytes no event of ours can exceed the limit as JSON, so it need not be formatted: a byte
    /// becomes at most about fifty (an enum in a list, which JSON writes by its name).
    /// </summary>
    private const int SurelySmall = 1000;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default);

    private readonly Commands _commands;
    private readonly StoreName _store;
    private readonly string _source;
    private List<LoggedEvent> _appended = [];
    private byte[] _link = AuditChain.Beginning;
    private bool _known;

    /// <param name="commands">Of the connection that writes.</param>
    /// <param name="store">Whose log it is.</param>
    /// <param name="source">The source that own events carry.</param>
    public EventWriter(Commands commands, StoreName store, string source) => (_commands, _store, _source) = (commands, store, source);

    /// <summary>Sequence of the last own event, of this transaction so far.</summary>
    public long Sequence { get; private set; }

    /// <summary>Where the log stands in this transaction.</summary>
    public (long Sequence, int Appended, byte[] Link) Mark => (Sequence, _appended.Count, _link);

    /// <summary>A transaction begins. After one that was lost, sequence and chain continue behind what really stands in the log.</summary>
    public void Begin()
    {
        if (_known) return;
        var last = _commands.GetStatement("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0");
        last.Step();
        Sequence = last.Number(0);
        last.Reset();
        var end = _commands.GetStatement("SELECT link FROM events ORDER BY position DESC LIMIT 1");
        // The last row has none when it is from before there was a chain.
        _link = end.Step() && !end.IsNull(0) ? end.Bytes(0).ToArray() : AuditChain.Beginning;
        end.Reset();
        _known = true;
    }

    /// <summary>The transaction was committed.</summary>
    /// <returns>What it appended, own and received.</returns>
    public IReadOnlyList<LoggedEvent> Take()
    {
        var appended = _appended;
        // A quiet store would keep them until its next transaction.
        if (appended.Count > 0) _appended = [];
        return appended;
    }

    /// <summary>The transaction was lost: what was counted in it is not there.</summary>
    public void Forget()
    {
        _known = false;
        _appended = [];
    }

    /// <summary>An operation was rolled back.</summary>
    public void ReturnTo((long Sequence, int Appended, byte[] Link) mark)
    {
        (Sequence, _link) = (mark.Sequence, mark.Link);
        _appended.RemoveRange(mark.Appended, _appended.Count - mark.Appended);
    }

    public long AppendOwn(IMessage data, string subject, WriteInfo info, DateTimeOffset now, bool sizeIsBounded = false)
    {
        var type = EventTypes.Of(data.Descriptor);
        if (type.IsPlatform != _store.Tenant is null) throw new InvalidOperationException($"{type.Name} does not belong into this kind of store.");
        var bytes = data.ToByteArray();
        if (bytes.Length > SurelySmall && !sizeIsBounded && Encoding.UTF8.GetByteCount(Json.Format(data)) > MostJson)
        {
            throw new InvalidOperationException($"{type.Name} is larger than {MostJson} bytes as JSON; split the operation.");
        }

        var position = Append(0, _source, _store.Origin, Sequence + 1, Ids.New(), type.Name, subject, now.ToUnixTimeMilliseconds(), info.Cause.Parent, info.Caller.Actor, bytes);
        Sequence++;
        return position;
    }

    public long AppendReceived(int sourceId, CloudEvent received)
    {
        // An event of a type that this program does not know keeps its full name, so that it leaves as it came.
        var type = EventTypes.NameOf(received.Type) ?? received.Type;
        return Append(sourceId, received.Source, received.Gemeentecode.Length == 0 ? "platform" : received.Gemeentecode, received.Sequence, Ids.Parse(received.Id), type, received.Subject,
            received.Time.ToDateTimeOffset().ToUnixTimeMilliseconds(), NullIfEmpty(received.Traceparent),
            received.Actor, received.Data.Value.ToByteArray());
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private long Append(int sourceId, string source, string origin, long sequence, Guid id, string type, string subject, long time, string? traceparent, string actor, byte[] data)
    {
        var insert = _commands.GetStatement("""
            INSERT INTO events (source_id, sequence, event_id, type, subject, time, traceparent, actor, data, link)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        var link = AuditChain.OfEvent(_link, source, sequence, id.Bytes(), type, subject, time, traceparent, null, actor, data);
        insert.Bind(1, sourceId);
        insert.Bind(2, sequence);
        insert.Bind(3, id);
        insert.Bind(4, type);
        insert.Bind(5, subject);
        insert.Bind(6, time);
        insert.BindOrNull(7, traceparent);
        insert.Bind(8, actor);
        insert.Bind(9, data);
        insert.Bind(10, link);
        var position = insert.Insert();
        _link = link;
        _appended.Add(new LoggedEvent(position, EventLog.ToCloudEvent(id, source, origin, sequence, type, subject, time, traceparent, actor, data)));
        return position;
    }
}
