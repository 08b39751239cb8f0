using System.Collections.Frozen;
using System.Threading.Channels;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>A case of a person who has cases in other municipalities too.</summary>
/// <param name="Municipality">GM code.</param>
internal readonly record struct LinkedCase(string Municipality, Guid CaseId);

/// <summary>What is known of cases of persons with several.</summary>
/// <param name="Others">By case, the other ones of the same person.</param>
/// <param name="Joined">By the id of each case that was joined, the id that stays.</param>
internal sealed record KnownCases(FrozenDictionary<Guid, LinkedCase[]> Others, FrozenDictionary<Guid, Guid> Joined);

/// <summary>
/// Which cases are of one person, in memory: every report asks, and hardly any case is linked. The truth is in the platform
/// store; who changes it there says so after the commit.
/// </summary>
internal sealed class LinkedCases
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _woken =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private KnownCases? _known;
    private long _changes;

    /// <summary>As the store has them.</summary>
    public KnownCases Known(StoreHandle<SwCompaniesPlatformStore> store)
    {
        if (Volatile.Read(ref _known) is { } known) return known;
        var before = Volatile.Read(ref _changes);
        var read = store.Read(HoursCheck.Self, session => new KnownCases(LinkRows.ByCase(session), AliasRows.All(session)));
        lock (_gate)
        {
            // What changed while it was read is read again by the next who asks.
            if (before == _changes) Volatile.Write(ref _known, read);
        }

        return read;
    }

    /// <summary>Cases were linked, or no longer are: their hours are to be looked at.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            _changes++;
            Volatile.Write(ref _known, null);
        }

        Wake();
    }

    /// <summary>There are hours to look at.</summary>
    public void Wake() => _woken.Writer.TryWrite(true);

    /// <summary>Waits until there are.</summary>
    public ValueTask<bool> WokenAsync(CancellationToken cancel) => _woken.Reader.ReadAsync(cancel);
}
