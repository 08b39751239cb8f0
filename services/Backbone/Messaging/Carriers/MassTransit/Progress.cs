namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>Whether anything moves, by looks at regular times.</summary>
internal sealed class Progress
{
    /// <summary>Looks in a row at which there was work and nothing had moved: half a minute.</summary>
    private const int Patience = 6;

    private long _moved;
    private long _seen = -1;
    private int _looks;

    /// <summary>Something moved.</summary>
    public void Moved() => Interlocked.Increment(ref _moved);

    /// <summary>Looks once.</summary>
    /// <param name="hasWork">Whether there is something that should move.</param>
    public bool IsStuck(bool hasWork)
    {
        var moved = Interlocked.Read(ref _moved);
        _looks = hasWork && moved == _seen ? _looks + 1 : 0;
        _seen = moved;
        return _looks >= Patience;
    }
}
