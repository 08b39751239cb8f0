namespace BeschutWerk.Bench;

/// <summary>Figures of one side over all rounds.</summary>
public sealed record Series(double Median, double Min, double Max, IReadOnlyList<double> Rounds)
{
    public static Series Of(IEnumerable<double> rounds)
    {
        var values = rounds.ToList();
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Series(median, sorted[0], sorted[^1], values);
    }
}

/// <summary>One benchmark: ours against a bar, or against a peer and a bar on their ratio.</summary>
/// <param name="Id">Row of the quality table.</param>
/// <param name="What">What is compared.</param>
/// <param name="Unit">Unit of both sides.</param>
/// <param name="Ratio">Median of ours over median of the peer; with min and max over rounds, each round's ours over its own peer.</param>
/// <param name="Bar">What should hold; null when it is only reported.</param>
/// <param name="LowerIsBetter">Whether the bar is a most, not a least.</param>
public sealed record Result(string Id, string What, string Unit, Series Ours, Series? Peer, Series? Ratio, double? Bar, double? Stretch, bool LowerIsBetter = false)
{
    /// <summary>What is held against the bar.</summary>
    public double Value => Ratio?.Median ?? Ours.Median;

    public bool? Holds => Bar is not { } bar ? null : LowerIsBetter ? Value <= bar : Value >= bar;

    /// <summary>Ours against a peer, in the same rounds.</summary>
    public static Result Against(
        string id, string what, string unit, IEnumerable<double> ours, IEnumerable<double> peer, double? bar = null, double? stretch = null, bool lowerIsBetter = false)
    {
        var (mine, theirs) = (Series.Of(ours), Series.Of(peer));
        var rounds = Series.Of(mine.Rounds.Zip(theirs.Rounds, (a, b) => a / b));
        return new Result(id, what, unit, mine, theirs, rounds with { Median = mine.Median / theirs.Median }, bar, stretch, lowerIsBetter);
    }

    /// <summary>Ours alone.</summary>
    public static Result Alone(string id, string what, string unit, IEnumerable<double> ours, double? bar = null, double? stretch = null, bool lowerIsBetter = false) =>
        new(id, what, unit, Series.Of(ours), null, null, bar, stretch, lowerIsBetter);
}

/// <summary>Everything of one run.</summary>
public sealed record Run(
    IReadOnlyDictionary<string, string> Machine,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyDictionary<string, Dictionary<string, string>> Pragmas,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<Result> Results,
    IReadOnlyDictionary<string, string> Checks);
