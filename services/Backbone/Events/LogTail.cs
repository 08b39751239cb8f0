namespace BeschutWerk.Backbone.Events;

/// <summary>
/// The newest events of an open store, as they were committed: who follows live reads them here, and only who is behind
/// asks the file. A thousand subscribers of one store would otherwise read every commit a thousand times.
/// </summary>
internal sealed class LogTail
{
    /// <summary>A store that nothing was written to yet: everything is asked of its file.</summary>
    public static readonly LogTail Empty = new([], "");

    // As much as a page of the feed: who reads whole pages is behind anyway. The bytes are what hundreds of open stores can afford.
    private const int Most = 256, MostBytes = 128 * 1024;

    private readonly LoggedEvent[] _events;
    private readonly string _ownSource;

    private LogTail(LoggedEvent[] events, string ownSource) => (_events, _ownSource) = (events, ownSource);

    /// <summary>The tail after one more commit.</summary>
    public LogTail With(IReadOnlyList<LoggedEvent> committed, string ownSource)
    {
        var (kept, bytes) = (0, 0);
        while (kept < Most && kept < _events.Length + committed.Count)
        {
            var next = kept < committed.Count ? committed[^(kept + 1)] : _events[^(kept + 1 - committed.Count)];
            bytes += next.Event.Data.Value.Length;
            if (kept > 0 && bytes > MostBytes) break;
            kept++;
        }

        var ofBefore = Math.Max(0, kept - committed.Count);
        return new([.. _events[^ofBefore..], .. committed.Skip(committed.Count - (kept - ofBefore))], ownSource);
    }

    /// <summary>Events after a position; null when the file must be asked.</summary>
    public List<LoggedEvent>? ReadAfter(long position, int most) =>
        _events.Length == 0 || _events[0].Position > position + 1 ? null : Newest(logged => logged.Position > position, most);

    /// <summary>Own events after a sequence; null when the file must be asked.</summary>
    public List<LoggedEvent>? ReadOwnAfter(long sequence, int most)
    {
        var first = Array.Find(_events, IsOwn);
        return first is null || first.Event.Sequence > sequence + 1 ? null : Newest(logged => IsOwn(logged) && logged.Event.Sequence > sequence, most);
    }

    private bool IsOwn(LoggedEvent logged) => logged.Event.Source == _ownSource;

    private List<LoggedEvent> Newest(Func<LoggedEvent, bool> wanted, int most) => [.. _events.Where(wanted).Take(most)];
}
