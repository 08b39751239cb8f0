using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Who is offered something else, because the number is reached and the council has no budget for more.</summary>
internal sealed class Alternatives(SplitMix random)
{
    /// <summary>Terschelling, where the number is 0: nobody can be placed, so something else is due at once.</summary>
    public const string NumberZero = "GM0093";

    /// <summary>On this day the numbers rise, and with them the duty to offer a place is back.</summary>
    public static readonly DateOnly NumbersRise = new(2018, 1, 1);

    // Days in which the municipality looks whether a place falls free.
    private const int Patience = 10;

    // The others stay on the wait list for the higher number of New Year's Day.
    private const int MostPerTown = 2;

    public void Play(List<Draft> positive)
    {
        var offered = new Dictionary<Town, int>();
        foreach (var draft in positive.Where(d => d.IsWaiting && d.IssuedOn?.Year == 2017 && !d.Town.HasBudget))
        {
            var determined = Outcomes.DrawDetermination(draft.IssuedOn!.Value, random);
            if (FirstFullDay(draft.Town, determined.AddDays(Patience)) is not { } day) continue;
            var before = offered.GetValueOrDefault(draft.Town);
            if (before == MostPerTown) continue;
            offered[draft.Town] = before + 1;
            (draft.DeterminedOn, draft.AlternativeOn) = (determined, day);
        }
    }

    private static DateOnly? FirstFullDay(Town town, DateOnly from)
    {
        for (var day = from.WeekdayFrom(); day < NumbersRise; day = day.AddDays(1).WeekdayFrom())
        {
            if (town.IsFullOn(day)) return day;
        }
        return null;
    }
}
