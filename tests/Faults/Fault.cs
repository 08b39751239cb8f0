using System.Globalization;

namespace BeschutWerk.Faults;

/// <summary>How much is done to the platform, and whether its machine is quiet enough to be held to figures.</summary>
/// <param name="Nightly">The full counts; and what a figure must be is held, not only told.</param>
/// <param name="Seed">What is random comes from it.</param>
internal sealed record Extent(bool Nightly, int Seed)
{
    /// <summary>A count of the short run, or of the full one.</summary>
    public T Of<T>(T shortly, T nightly) => Nightly ? nightly : shortly;

    /// <summary>How many carriers share the counts of a fault of the broker.</summary>
    public int Carriers { get; init; } = 1;

    /// <summary>The part of a count that falls to one carrier.</summary>
    public int Shared(int shortly, int nightly) => Of(shortly, nightly) / Carriers;
}

/// <summary>What came of a fault.</summary>
/// <param name="Figures">What was measured.</param>
/// <param name="Broken">What does not hold.</param>
internal sealed record Outcome(string Figures, IReadOnlyList<string> Broken);

/// <summary>One fault: what is done to the platform while it works, and what is measured of it.</summary>
internal abstract class Fault
{
    /// <summary>Row of the quality table, such as F1.</summary>
    public abstract string Id { get; }

    /// <summary>What is done.</summary>
    public abstract string What { get; }

    /// <summary>Whether it concerns how events are carried, so that it happens under each carrier.</summary>
    public virtual bool IsOfBroker => false;

    /// <summary>Does it, and leaves every service and the broker running.</summary>
    public abstract Task<Outcome> RunAsync(Scenery scenery, Extent extent);
}

/// <summary>Figures of one kind.</summary>
internal sealed class Figures(string unit)
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Max => _values.Count == 0 ? 0 : _values.Max();

    public void Add(double value) => _values.Add(value);

    public double At(double share) => _values.Count == 0 ? 0 : _values.Order().ElementAt(Math.Min((int)(share * _values.Count), _values.Count - 1));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5):0.00}, p99 {At(0.99):0.00}, max {Max:0.00} {unit}");
}
