using System.Collections.Frozen;
using BeschutWerk.Backbone.Grpc;

namespace BeschutWerk.Municipalities.Reference;

/// <summary>A municipality between two days, by its CBS code.</summary>
/// <param name="Code">GM code.</param>
/// <param name="ValidFrom">First day.</param>
/// <param name="ValidTo">First day on which it is no more; null while it exists.</param>
public sealed record MunicipalityPeriod(string Code, DateOnly ValidFrom, DateOnly? ValidTo);

/// <summary>The division of the country into municipalities through time.</summary>
public sealed class Division
{
    private readonly ILookup<string, MunicipalityPeriod> _periods;
    private readonly FrozenDictionary<string, Dissolution> _dissolutions;

    /// <summary>Puts the facts together.</summary>
    /// <exception cref="InvalidOperationException">The successions contradict each other; the message names the municipality.</exception>
    public Division(IEnumerable<MunicipalityPeriod> periods, IEnumerable<Succession> successions)
    {
        _periods = periods.ToLookup(period => period.Code);
        _dissolutions = successions.GroupBy(succession => succession.Code)
            .ToFrozenDictionary(parts => parts.Key, parts => Whole([.. parts]));
        // The shares of a row say how it was divided once.
        foreach (var code in _dissolutions.Keys) Require(Splits(code, DateOnly.MinValue) <= 1, code, "was split, and a part of it again");
    }

    /// <summary>Whether a municipality with this code existed on a day.</summary>
    public bool Existed(string code, DateOnly day) => _periods[code].Any(period => Covers(period, day));

    /// <summary>Whether a municipality ever had this code: for one of another day than the act, such as where somebody moved.</summary>
    public bool EverExisted(string code) => _periods.Contains(code);

    /// <summary>Notes a violation when no municipality had a code that a caller gave on a day.</summary>
    public void RequireExisted(FieldChecks checks, string field, string code, DateOnly day) =>
        checks.Require(Existed(code, day), field, "No municipality had this code on that day.");

    /// <summary>The codes of the municipalities that existed on a day.</summary>
    public IEnumerable<string> On(DateOnly day) => _periods.Where(codes => codes.Any(period => Covers(period, day))).Select(codes => codes.Key);

    /// <summary>How a municipality was dissolved, or is planned to be; null when neither.</summary>
    public Dissolution? DissolutionOf(string code) => _dissolutions.GetValueOrDefault(code);

    /// <summary>The split on a municipality's line of succession, its own or that of one it went into; null when there is none.</summary>
    public Dissolution? SplitOf(string code)
    {
        while (DissolutionOf(code) is { } dissolution)
        {
            if (dissolution.IsSplit) return dissolution;
            code = dissolution.Successors[0];
        }

        return null;
    }

    private static Dissolution Whole(List<Succession> parts)
    {
        var first = parts[0];
        var successors = parts.Select(part => part.Successor).Order(StringComparer.Ordinal).ToList();
        var isOne = parts.All(part => (part.Date, part.Kind) == (first.Date, first.Kind));
        Require(isOne, first.Code, "has successions of several days or kinds");
        Require(successors.Distinct().Count() == successors.Count, first.Code, "names a successor twice");
        var isSplit = successors.Count > 1;
        var says = first.Kind == SuccessionKind.Split;
        Require(first.Kind == SuccessionKind.Planned || isSplit == says, first.Code, "is a split exactly when it has several successors");
        return new Dissolution(first.Date, successors, first.Kind == SuccessionKind.Planned);
    }

    /// <summary>How many splits there are on the ways from a municipality. Each way goes forward in time, so that it ends.</summary>
    private int Splits(string code, DateOnly after)
    {
        if (DissolutionOf(code) is not { } dissolution) return 0;
        Require(dissolution.Date > after, code, "was dissolved before another one went into it");
        return (dissolution.IsSplit ? 1 : 0) + dissolution.Successors.Sum(successor => Splits(successor, dissolution.Date));
    }

    private static void Require(bool holds, string code, string what)
    {
        if (!holds) throw new InvalidOperationException($"The reference data of successions is wrong: {code} {what}.");
    }

    private static bool Covers(MunicipalityPeriod period, DateOnly day) => period.ValidFrom <= day && (period.ValidTo is null || day < period.ValidTo);
}
