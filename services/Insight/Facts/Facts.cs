using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Insight.Facts;

/// <summary>A request for advice, as far as it is known.</summary>
/// <param name="Municipality">GM code.</param>
/// <param name="Person">The case; the request itself while no case is known.</param>
/// <param name="Requester">Who asked.</param>
/// <param name="ReceivedOn">Day of receipt.</param>
/// <param name="IssuedOn">Day of the advice; null while there is none.</param>
/// <param name="Verdict">The advice.</param>
internal sealed record Advice(string Municipality, Guid Person, Requester Requester, DateOnly? ReceivedOn, DateOnly? IssuedOn, Verdict Verdict)
{
    public bool IsPositiveBy(DateOnly day) => Verdict == Verdict.Positive && IssuedOn <= day;
}

/// <summary>Hours from a day on.</summary>
internal readonly record struct Hours(DateOnly From, int MinutesPerWeek);

/// <summary>A placement with its latest last day; the day itself is worked.</summary>
/// <param name="Municipality">GM code.</param>
/// <param name="Person">The case.</param>
/// <param name="StartOn">First day.</param>
/// <param name="LastDay">Last day; <see cref="DateOnly.MaxValue"/> for none.</param>
/// <param name="Hours">From the report on, in order of version.</param>
internal sealed record Placement(string Municipality, Guid Person, DateOnly StartOn, DateOnly LastDay, IReadOnlyList<Hours> Hours)
{
    public bool IsInForce(DateOnly day) => StartOn <= day && day <= LastDay;

    /// <summary>Of all versions that have begun, the one that begins last; of two on one day, the later version.</summary>
    public int MinutesOn(DateOnly day)
    {
        var found = Hours[0];
        foreach (var hours in Hours)
        {
            if (hours.From <= day && hours.From >= found.From) found = hours;
        }

        return found.MinutesPerWeek;
    }
}

/// <summary>The number of one municipality for one year.</summary>
internal sealed record QuotaNumber(string Municipality, int Year, DateOnly EffectiveFrom, DateTimeOffset PublishedAt, int Number, CountingUnit CountingUnit, QuotaOrigin Origin);

/// <summary>What a figure is computed from: read at first use, because most figures need only one of the three.</summary>
internal sealed class FactSet(
    Lazy<IReadOnlyList<Advice>> advices, Lazy<IReadOnlyList<Placement>> placements, Lazy<IReadOnlyList<QuotaNumber>> numbers)
{
    public static readonly FactSet None = new([], [], []);

    public FactSet(IReadOnlyList<Advice> advices, IReadOnlyList<Placement> placements, IReadOnlyList<QuotaNumber> numbers)
        : this(new Lazy<IReadOnlyList<Advice>>(advices), new Lazy<IReadOnlyList<Placement>>(placements), new Lazy<IReadOnlyList<QuotaNumber>>(numbers))
    {
    }

    public IReadOnlyList<Advice> Advices => advices.Value;

    public IReadOnlyList<Placement> Placements => placements.Value;

    /// <summary>The number in force of each municipality on a day: of its year, the one that took effect last.</summary>
    public IEnumerable<QuotaNumber> NumbersOn(DateOnly day) => numbers.Value
        .Where(number => number.Year == day.Year && number.EffectiveFrom <= day)
        .GroupBy(number => number.Municipality)
        .Select(versions => versions.MaxBy(number => (number.EffectiveFrom, number.PublishedAt))!);

    /// <summary>Those of some municipalities.</summary>
    public FactSet Of(Func<string, bool> municipality) => new(
        new Lazy<IReadOnlyList<Advice>>(() => [.. Advices.Where(advice => municipality(advice.Municipality))]),
        new Lazy<IReadOnlyList<Placement>>(() => [.. Placements.Where(placement => municipality(placement.Municipality))]),
        new Lazy<IReadOnlyList<QuotaNumber>>(() => [.. numbers.Value.Where(number => municipality(number.Municipality))]));

    /// <summary>Only what this requester asked; UNSPECIFIED for all.</summary>
    public FactSet AskedBy(Requester requester) => requester == Requester.Unspecified
        ? this
        : new(new Lazy<IReadOnlyList<Advice>>(() => [.. Advices.Where(advice => advice.Requester == requester)]), placements, numbers);

    /// <summary>Split up by a property of the municipality, in one pass; a part without facts is <see cref="None"/>.</summary>
    public Func<string, FactSet> SplitBy(Func<string, string> part)
    {
        var advicesOf = new Lazy<ILookup<string, Advice>>(() => Advices.ToLookup(advice => part(advice.Municipality)));
        var placementsOf = new Lazy<ILookup<string, Placement>>(() => Placements.ToLookup(placement => part(placement.Municipality)));
        var numbersOf = new Lazy<ILookup<string, QuotaNumber>>(() => numbers.Value.ToLookup(number => part(number.Municipality)));
        return key => new FactSet(
            new Lazy<IReadOnlyList<Advice>>(() => [.. advicesOf.Value[key]]),
            new Lazy<IReadOnlyList<Placement>>(() => [.. placementsOf.Value[key]]),
            new Lazy<IReadOnlyList<QuotaNumber>>(() => [.. numbersOf.Value[key]]));
    }
}
