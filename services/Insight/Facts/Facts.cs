using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Numbers;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.Insight.Facts;

/// <summary>A request for advice, as far as it is known.</summary>
/// <param name="Municipality">GM code.</param>
/// <param name="Person">Who asked or was asked for (<see cref="PersonsOfFacts"/>).</param>
/// <param name="Requester">Who asked.</param>
/// <param name="ReceivedOn">Day of receipt.</param>
/// <param name="IssuedOn">Day of the advice; null while there is none.</param>
/// <param name="Verdict">The advice.</param>
internal sealed record Advice(string Municipality, Guid Person, Requester Requester, DateOnly? ReceivedOn, DateOnly? IssuedOn, Verdict Verdict)
{
    /// <summary>Whether its municipality may not know of it yet.</summary>
    public bool IsHidden { get; init; }

    public bool IsPositiveBy(DateOnly day) => Verdict == Verdict.Positive && IssuedOn <= day;
}

/// <summary>A placement with everything that was told of it.</summary>
/// <param name="Municipality">GM code.</param>
/// <param name="Person">Who works (<see cref="PersonsOfFacts"/>).</param>
/// <param name="Record">Which hours hold on which day, and when it ends.</param>
internal sealed record Placement(string Municipality, Guid Person, PlacementRecord Record)
{
    public DateOnly StartOn => Record.StartOn;

    public bool IsInForce(DateOnly day) => Record.IsInForce(day);

    /// <summary>Minutes a week on a day on which it is in force.</summary>
    public int MinutesOn(DateOnly day) => Record.MinutesOn(day);
}

/// <summary>The number of one municipality by one regulation.</summary>
internal sealed record QuotaNumber(string Municipality, Publication Publication, int Number, CountingUnit CountingUnit, QuotaOrigin Origin);

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

    /// <summary>All numbers that were told, also those that others replace.</summary>
    public IReadOnlyList<QuotaNumber> Numbers => numbers.Value;

    /// <summary>The number of each municipality that holds on a day.</summary>
    public IEnumerable<QuotaNumber> NumbersOn(DateOnly day) => numbers.Value
        .GroupBy(number => number.Municipality)
        .Select(told => NumberRule.HoldingOn(told, number => number.Publication, day))
        .OfType<QuotaNumber>();

    /// <summary>Those of some municipalities.</summary>
    public FactSet Of(Func<string, bool> municipality) => new(
        new Lazy<IReadOnlyList<Advice>>(() => [.. Advices.Where(advice => municipality(advice.Municipality))]),
        new Lazy<IReadOnlyList<Placement>>(() => [.. Placements.Where(placement => municipality(placement.Municipality))]),
        new Lazy<IReadOnlyList<QuotaNumber>>(() => [.. numbers.Value.Where(number => municipality(number.Municipality))]));

    /// <summary>Without the requests of which their municipality may not know yet.</summary>
    public FactSet Told() => new(new Lazy<IReadOnlyList<Advice>>(() => [.. Advices.Where(advice => !advice.IsHidden)]), placements, numbers);

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
