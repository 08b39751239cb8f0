using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>Persons and their minutes a week.</summary>
public readonly record struct Use(int Persons, long Minutes)
{
    public static Use operator +(Use left, Use right) => new(left.Persons + right.Persons, left.Minutes + right.Minutes);
}

/// <summary>A number of the regulation and in what it counts.</summary>
public sealed record Number(int Year, int Places, CountingUnit Unit);

/// <summary>How the determined people of a municipality stand on a day.</summary>
/// <param name="AtWork">With a placement in force.</param>
/// <param name="Reserved">With an open or accepted offer, not at work yet.</param>
/// <param name="Waiting">Owed a place or, above the number, another offer.</param>
/// <param name="ServedOtherwise">With an alternative, or after declining a fitting offer.</param>
public readonly record struct Standings(Use AtWork, Use Reserved, int Waiting, int ServedOtherwise)
{
    public Use Held => AtWork + Reserved;
}

/// <summary>
/// The arithmetic of 10b lid 4 and 6. A place of 31 hours is 1,860 minutes a week; minutes are compared with places times
/// 1,860, so that nothing is ever rounded before it is decided on.
/// </summary>
public static class QuotaArithmetic
{
    /// <summary>Minutes a week of one place of 31 hours.</summary>
    public const int MinutesPerPlace = 31 * 60;

    private const int Milli = 1000;
    private const int BasisPoints = 10_000;

    /// <summary>Whether the number is reached; without a number it never is.</summary>
    public static bool IsReached(Number? number, Use held) => number is not null && Counted(number.Unit, held) >= Limit(number);

    /// <summary>Whether this one offer makes the number reached.</summary>
    public static bool IsReachedBy(Number? number, Use heldBefore, int minutes) =>
        !IsReached(number, heldBefore) && IsReached(number, heldBefore + new Use(1, minutes));

    /// <summary>Thousandths of a unit until the number is reached, rounded up: 0 exactly when it is; without a number 0.</summary>
    public static long RemainingMilli(Number? number, Use held) =>
        number is null ? 0 : InMilli(number.Unit, Math.Max(0, Limit(number) - Counted(number.Unit, held)));

    /// <summary>Thousandths of a unit above the number, rounded up.</summary>
    public static long OverMilli(Number? number, Use held) =>
        number is null ? 0 : InMilli(number.Unit, Math.Max(0, Counted(number.Unit, held) - Limit(number)));

    /// <summary>At work divided by the number, in hundredths of a percent, half up; no share of number 0 or of none.</summary>
    public static int? FilledShareBasisPoints(Number? number, Use atWork)
    {
        if (number is null || number.Places == 0) return null;
        var limit = Limit(number);
        return (int)(((Counted(number.Unit, atWork) * BasisPoints * 2) + limit) / (limit * 2));
    }

    /// <summary>Where the duty stands (10b lid 1 and 6): as far as there is need, up to the number.</summary>
    public static DutyStatus Status(Number? number, Standings standings)
    {
        if (IsReached(number, standings.Held)) return DutyStatus.NumberReached;
        if (standings.Waiting > 0) return DutyStatus.DutyOpen;
        return standings.Held.Persons + standings.ServedOtherwise > 0 ? DutyStatus.DutyMet : DutyStatus.NoNeed;
    }

    /// <summary>The number in the finest measure that decides: minutes for places of 31 hours, else persons.</summary>
    private static long Limit(Number number) => (long)number.Places * PerUnit(number.Unit);

    private static long Counted(CountingUnit unit, Use use) => unit == CountingUnit.Places31Hours ? use.Minutes : use.Persons;

    private static long InMilli(CountingUnit unit, long amount) => ((amount * Milli) + PerUnit(unit) - 1) / PerUnit(unit);

    private static int PerUnit(CountingUnit unit) => unit == CountingUnit.Places31Hours ? MinutesPerPlace : 1;
}
