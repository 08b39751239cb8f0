using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo.History;

/// <summary>A place held from the day of its offer up to and including <see cref="HoldsUntil"/> (null: still).</summary>
internal sealed class Reservation(DateOnly offeredOn, DateOnly plannedStart, int minutes)
{
    public DateOnly OfferedOn { get; } = offeredOn;
    public DateOnly PlannedStart { get; } = plannedStart;
    public int Minutes { get; } = minutes;

    /// <summary>Last day worked, or the day of declining or dropping out.</summary>
    public DateOnly? HoldsUntil { get; set; }

    public bool HoldsOn(DateOnly day) => OfferedOn <= day && (HoldsUntil is null || day <= HoldsUntil);
}

/// <summary>A municipality with its numbers, how active it is, and the places that it holds.</summary>
internal sealed class Town(string code, int number2017, int number2018, int activity)
{
    /// <summary>The regulations of 2017 and 2018 count in places of 31 hours.</summary>
    public const int MinutesPerPlace = 31 * 60;

    private const int Inactive = 0, Lagging = 35, Average = 100, Leading = 170;   // hundredths of the average

    private readonly List<Reservation> places = [];

    public string Code => code;
    public int Number2017 => number2017;
    public int Activity => activity;

    /// <summary>The leading ones have a budget of the council for places above the number.</summary>
    public bool HasBudget => activity == Leading;
    public bool IsLagging => activity == Lagging;

    /// <summary>The number of the regulation; none before 2017.</summary>
    public int? NumberIn(int year) => year < 2017 ? null : year == 2017 ? number2017 : number2018;

    /// <summary>Takes a place if this offer and all that were made after it stay within what the town can carry.</summary>
    public bool TryHold(Reservation place)
    {
        places.Add(place);
        if (places.Where(p => p.OfferedOn >= place.OfferedOn).All(Fits)) return true;
        places.Remove(place);
        return false;
    }

    /// <summary>Whether at work and reserved reach the number, whichever way the changes of that very day are ordered.</summary>
    public bool IsFullOn(DateOnly day) =>
        places.Where(p => p.OfferedOn < day && (p.HoldsUntil is null || day < p.HoldsUntil)).Sum(p => p.Minutes)
        >= NumberIn(day.Year) * MinutesPerPlace;

    // Offers of the same day count against each other both ways, so that their order cannot matter.
    private bool Fits(Reservation offer)
    {
        var number = NumberIn(offer.PlannedStart.Year);
        if (number is null) return true;
        var carries = HasBudget ? (number.Value * 3 / 2) + 1 : number.Value;
        return places.Where(p => p != offer && p.HoldsOn(offer.OfferedOn)).Sum(p => p.Minutes) < carries * MinutesPerPlace;
    }

    /// <summary>The towns of the reference data.</summary>
    public static IReadOnlyList<Town> All(ReferenceData reference, SplitMix random)
    {
        var (numbers2017, numbers2018) = (reference.NumbersIn(2017), reference.NumbersIn(2018));
        var cities = reference.Cities.Select(c => c.Municipality).ToHashSet();
        return reference.Municipalities
            .Select(m => new Town(m.Code, numbers2017[m.Code], numbers2018[m.Code],
                cities.Contains(m.Code) ? Average : DrawActivity(numbers2017[m.Code], random.Below(100))))
            .ToList();
    }

    private static int DrawActivity(int number, int draw) => (number, draw) switch
    {
        (0, _) or ( <= 3, < 12) => Inactive,
        (_, < 35) => Lagging,
        (_, < 85) => Average,
        _ => Leading,
    };
}
