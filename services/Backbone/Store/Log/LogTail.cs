namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The newest events of an open store, as they were committed: who follows live reads them here, and only who is behind
/// asks the file. A thousand subscribers of one store would otherwise read every commit a thousand times.
/// </summary>
internal sealed class LogTail
{
    /// <summary>A store that nothing was written to yet: everything is asked of its file.</summary>
    public static readonly LogTail Empty = new([], 0, 0, 0, "");

    // As much as a page of the feed: who reads whole pages is behind anyway. The bytes are what hundreds of open stores can afford.
    private const int Most = 256, MostBytes = 128 * 1024;

    // Shared with the tails before and after: what stands before the end of one never changes, and the next goes on behind it.
    private readonly LoggedEvent[] _events;
    private readonly int _begin;
    private readonly int _end;
    private readonly long _bytes;
    private readonly string _ownSource;

    private LogTail(LoggedEvent[] events, int begin, int end, long bytes, string ownSource) =>
        (_events, _begin, _end, _bytes, _ownSource) = (events, begin, end, bytes, ownSource);

    /// <summary>The tail after one more commit; asked once of each, by who commits.</summary>
    public LogTail With(IReadOnlyList<LoggedEvent> committed, string ownSource)
    {
        var (events, begin, end, bytes) = (_events, _begin, _end, _bytes);
        var added = Math.Min(committed.Count, Most);
        if (end + added > events.Length)
        {
            events = new LoggedEvent[2 * (end - begin + added)];
            Array.Copy(_events, begin, events, 0, end - begin);
            (begin, end) = (0, end - begin);
        }

        for (var i = committed.Count - added; i < committed.Count; i++)
        {
            events[end++] = committed[i];
            bytes += BytesOf(committed[i]);
        }

        while (end - begin > Most || (bytes > MostBytes && end - begin > 1)) bytes -= BytesOf(events[begin++]);
        return new LogTail(events, begin, end, bytes, ownSource);
    }

    /// <summary>Events after a position; null when the file must be asked.</summary>
    public List<LoggedEvent>? ReadAfter(long position, int most)
    {
        if (_begin == _end || _events[_begin].Position > position + 1) return null;
        // From the end: who follows live lacks only the last.
        var next = _end;
        while (next > _begin && _events[next - 1].Position > position) next--;
        return [.. _events.AsSpan(next, Math.Min(most, _end - next))];
    }

    /// <summary>Own events after a sequence; null when the file must be asked.</summary>
    public List<LoggedEvent>? ReadOwnAfter(long sequence, int most)
    {
        var (next, isKnown) = (_end, false);
        for (var i = _end - 1; i >= _begin && !isKnown; i--)
        {
            if (!IsOwn(_events[i])) continue;
            isKnown = _events[i].Event.Sequence <= sequence + 1;
            if (_events[i].Event.Sequence > sequence) next = i;
        }

        if (!isKnown) return null;
        var newest = new List<LoggedEvent>(Math.Min(most, _end - next));
        for (var i = next; i < _end && newest.Count < most; i++)
        {
            if (IsOwn(_events[i])) newest.Add(_events[i]);
        }

        return newest;
    }

    private bool IsOwn(LoggedEvent logged) => logged.Event.Source == _ownSource;

    private static int BytesOf(LoggedEvent logged) => logged.Event.Data.Value.Length;
}
