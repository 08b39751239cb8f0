using System.Collections.Frozen;

namespace BeschutWerk.Municipalities.Reference;

/// <summary>A municipality between two days, by its CBS code.</summary>
/// <param name="Code">GM code.</param>
/// <param name="ValidFrom">First day.</param>
/// <param name="ValidTo">First day on which it is no more; null while it exists.</param>
public sealed record MunicipalityPeriod(string Code, DateOnly ValidFrom, DateOnly? ValidTo);

/// <summary>Which municipality a dissolved one went into.</summary>
/// <param name="Code">The dissolved one.</param>
/// <param name="Successor">The one that took over.</param>
/// <param name="Date">First day of the succession.</param>
public sealed record Succession(string Code, string Successor, DateOnly Date);

/// <summary>The division of the country into municipalities through time.</summary>
public sealed class Division(IEnumerable<MunicipalityPeriod> periods, IEnumerable<Succession> successions)
{
    private readonly ILookup<string, MunicipalityPeriod> _periods = periods.ToLookup(period => period.Code);
    private readonly FrozenDictionary<string, Succession> _successions = successions.ToFrozenDictionary(succession => succession.Code);

    /// <summary>Whether a municipality with this code existed on a day.</summary>
    public bool Existed(string code, DateOnly day) => _periods[code].Any(period => Covers(period, day));

    /// <summary>The codes of the municipalities that existed on a day.</summary>
    public IEnumerable<string> On(DateOnly day) => _periods.Where(codes => codes.Any(period => Covers(period, day))).Select(codes => codes.Key);

    /// <summary>A municipality and those that took over from it until a day, nearest first.</summary>
    public IEnumerable<string> Line(string code, DateOnly until)
    {
        yield return code;
        while (_successions.TryGetValue(code, out var succession) && succession.Date <= until)
        {
            yield return code = succession.Successor;
        }
    }

    private static bool Covers(MunicipalityPeriod period, DateOnly day) => period.ValidFrom <= day && (period.ValidTo is null || day < period.ValidTo);
}
