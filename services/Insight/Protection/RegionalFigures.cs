using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Protection;

/// <summary>What is told of a figure.</summary>
/// <param name="Measure">What it came to; without a value when it is withheld.</param>
/// <param name="Withheld">Why it is withheld.</param>
/// <param name="ReleasedOn">When its table was released; null for an exact value.</param>
internal sealed record ToldFigure(Measure Measure, Withheld Withheld = Withheld.Unspecified, DateOnly? ReleasedOn = null)
{
    public static ToldFigure Nothing(Withheld why) => new(new Measure(null as Ratio?), why);
}

/// <summary>Figures of regions for who may not read each municipality of them, from the tables of <see cref="RegionalTable"/>.</summary>
/// <param name="regions">The region of each municipality, by code.</param>
/// <param name="recordedUpTo">The facts as they were recorded, a case for a person: who is recognised later changes no table.</param>
/// <param name="caller">Who asks.</param>
/// <param name="today">The day in Europe/Amsterdam.</param>
/// <param name="smallest">The smallest count that may be known of others.</param>
internal sealed class RegionalFigures(
    IReadOnlyDictionary<string, int> regions, Func<DateTimeOffset, FactSet> recordedUpTo, Caller caller, DateOnly today, int smallest)
{
    /// <summary>Nobody worked by article 10b before; older tables are not worth reading all facts for.</summary>
    private static readonly DateOnly Beginning = new(2015, 1, 1);

    private readonly Dictionary<(RegionalTable Table, DateOnly End), Made> _made = [];

    private sealed record Made(Func<string, FactSet> FactsOf, IReadOnlySet<int> Told);

    /// <summary>What is told of a figure that exists.</summary>
    /// <param name="knownAt">Instant of the question; a table is told from its release on, and then as it was released.</param>
    public ToldFigure Of(Figure figure, int region, Moment moment, Requester requester, DateTimeOffset knownAt)
    {
        if (figure.Regional is not { Table: { } table } telling || requester != Requester.Unspecified)
        {
            return ToldFigure.Nothing(Withheld.NotOfRegions);
        }

        // A company knows who works for it; in most regions nobody else works.
        if (table == RegionalTable.Work && caller.Is(OrganisationKind.SwCompany)) return ToldFigure.Nothing(Withheld.NotOfRegions);
        if (table.EndOf(moment) is not { } end) return ToldFigure.Nothing(Withheld.OtherStep);
        if (end >= today || RegionalTable.ReleasedOn(end) > today) return ToldFigure.Nothing(Withheld.NotReleased);
        var recorded = Days.BeginOf(RegionalTable.RecordedBefore(end)).AddTicks(-1);
        if (knownAt < recorded) return ToldFigure.Nothing(Withheld.NotReleased);
        if (end < Beginning) return ToldFigure.Nothing(Withheld.SmallNumbers);
        if (!_made.TryGetValue((table, end), out var made)) _made[(table, end)] = made = Make(table, end, recordedUpTo(recorded).Told());
        if (!made.Told.Contains(region)) return ToldFigure.Nothing(Withheld.SmallNumbers);
        var exact = figure.Compute!(made.FactsOf($"{region}"), moment);
        return new ToldFigure(telling.Rounded(exact, smallest), ReleasedOn: RegionalTable.ReleasedOn(end));
    }

    private Made Make(RegionalTable table, DateOnly end, FactSet facts)
    {
        var factsOf = facts.SplitBy(code => code);
        var counts = regions.Select(of => new MunicipalCounts(of.Key, of.Value, table.Count(factsOf(of.Key), end))).ToList();
        return new Made(ByRegion(facts), SmallNumbers.Told(counts, caller.Tenants, smallest));
    }

    private Func<string, FactSet> ByRegion(FactSet facts) =>
        facts.SplitBy(code => regions.TryGetValue(code, out var region) ? $"{region}" : "");
}
