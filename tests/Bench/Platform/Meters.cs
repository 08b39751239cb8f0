using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;

namespace BeschutWerk.Bench;

/// <summary>The server's own metrics, as an operator's collector would read them.</summary>
internal sealed class Meters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Countdown _applied = new();
    private long _behind, _waiting, _commits;

    public Meters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.Name) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            switch (instrument.Name)
            {
                case "beschutwerk.events.behind": _behind += value; break;
                case "beschutwerk.events.waiting": _waiting += value; break;
                case "beschutwerk.events.applied" when tags.Contains(new("service", "municipalities")): _applied.Came(value); break;
            }
        });
        _listener.SetMeasurementEventCallback<double>((instrument, _, _, _) =>
        {
            if (instrument.Name == "beschutwerk.store.commit.duration") Interlocked.Increment(ref _commits);
        });
        _listener.Start();
    }

    /// <summary>Sources with events that wait to be applied, at the last look.</summary>
    public long Behind => _behind;

    /// <summary>Own events that the broker had not confirmed, at the last look.</summary>
    public long Waiting => _waiting;

    /// <summary>From now on Municipalities is to apply so many events.</summary>
    public Task Expect(long events) => _applied.Expect(events);

    /// <summary>Commits of all stores so far.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Looks at what is only known when it is asked for.</summary>
    public void Observe()
    {
        _behind = _waiting = 0;
        _listener.RecordObservableInstruments();
    }

    public void Dispose() => _listener.Dispose();
}
