using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Reading;

/// <summary>Tells figures as the caller may know them: exact, of the tables of regions, or not at all. Every answer passes it.</summary>
internal sealed class FigureReader
{
    private readonly ReadSession<InsightStore> _session;
    private readonly SmallNumberSettings _settings;
    private readonly RegionalFigures _ofRegions;

    public FigureReader(ReadSession<InsightStore> session, SmallNumberSettings settings, DateTimeOffset knownAt)
    {
        (_session, _settings, KnownAt) = (session, settings, knownAt);
        var regions = session.Store.Municipalities.ToDictionary(row => row.Municipality, row => row.LabourMarketRegion);
        _ofRegions = new RegionalFigures(regions, session.FactsOfCases(), session.Caller, session.Today, settings.SmallestCount);
    }

    /// <summary>The instant up to which recorded facts count.</summary>
    public DateTimeOffset KnownAt { get; }

    /// <summary>Why no exact value of a scope is told to the caller; UNSPECIFIED when it is.</summary>
    public Withheld WhyNotExact(FigureScope scope)
    {
        if (Readers.MayReadEvery(_session.Caller)) return Withheld.Unspecified;
        var others = scope.Municipalities.Values.Where(row => !Readers.MayRead(_session.Caller, row.Municipality)).ToList();
        if (!scope.IsNation) return others.Count == 0 ? Withheld.Unspecified : Withheld.NotOfRegions;
        // Of a nation of a few municipalities, or of one region, one that subtracts itself would know others.
        return others.Count >= _settings.SmallestCount && others.Exists(row => row.LabourMarketRegion != others[0].LabourMarketRegion)
            ? Withheld.Unspecified
            : Withheld.SmallNumbers;
    }

    /// <summary>One value.</summary>
    /// <param name="facts">Of the scope and the requester.</param>
    public ToldFigure Tell(Figure figure, FigureScope scope, FactSet facts, Moment moment, Requester requester)
    {
        _session.Cancel.ThrowIfCancellationRequested();
        return WhyNotExact(scope) switch
        {
            Withheld.Unspecified => new ToldFigure(figure.Compute!(facts, moment)),
            // It counts no persons.
            Withheld.NotOfRegions when figure.Regional is { Table: null } => new ToldFigure(figure.Compute!(facts, moment)),
            Withheld.NotOfRegions => _ofRegions.Of(figure, scope.Region, moment, requester, KnownAt),
            var why => ToldFigure.Nothing(why),
        };
    }
}
