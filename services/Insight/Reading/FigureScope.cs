using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>Which municipalities a figure is asked of, and what is called what.</summary>
/// <param name="Code"><c>NL</c>, the number of a region, or a GM code.</param>
/// <param name="Name">Its name.</param>
/// <param name="Municipalities">Its municipalities, by code.</param>
/// <param name="IsNation">Whether it is everything.</param>
internal sealed record FigureScope(string Code, string Name, IReadOnlyDictionary<string, MunicipalityRow> Municipalities, bool IsNation)
{
    /// <summary>The scope of a request.</summary>
    /// <exception cref="RefusalException">MUNICIPALITY_NOT_FOUND; NOT_FOUND for a region without municipalities.</exception>
    public static FigureScope Of(ReadSession<InsightStore> session, string municipality, int region)
    {
        var all = session.Store.Municipalities.ToDictionary(row => row.Municipality);
        if (municipality.Length > 0)
        {
            if (!Readers.MayRead(session.Caller, municipality) || !all.TryGetValue(municipality, out var found)) throw ServiceRuntime.UnknownMunicipality();
            return new FigureScope(municipality, found.Name, new Dictionary<string, MunicipalityRow> { [municipality] = found }, false);
        }

        if (region == 0) return new FigureScope("NL", "Nederland", all, true);
        var members = all.Values.Where(row => row.LabourMarketRegion == region).ToDictionary(row => row.Municipality);
        if (members.Count == 0) throw Refusal.NotFound("labour-market region").ToException();
        return new FigureScope($"{region}", members.Values.First().LabourMarketRegionName, members, false);
    }

    /// <summary>The facts of the scope. The nation's include those of a municipality whose registration has not arrived yet.</summary>
    public FactSet Facts(ReadSession<InsightStore> session, DateTimeOffset knownAt, Requester requester)
    {
        var facts = session.Facts(knownAt);
        return (IsNation ? facts : facts.Of(Municipalities.ContainsKey)).AskedBy(requester);
    }

    /// <summary>The figure of an id, once the platform holds what it is computed from.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, FIGURE_NOT_AVAILABLE.</exception>
    public static Figure Figure(string figureId)
    {
        var figure = FigureRegistry.Find(figureId) ?? throw Refusal.NotFound("figure").ToException();
        return figure.Compute is not null
            ? figure
            : throw Refusal.Of(ErrorReason.FigureNotAvailable, $"The platform does not hold what {figure.Id} is computed from: {figure.Source.English}.").ToException();
    }

    /// <summary>A region and a municipality exclude each other.</summary>
    public static void Check(string municipality, int region, FieldChecks checks) =>
        checks.Require(municipality.Length == 0 || region == 0, "labour_market_region", "Not together with a municipality.");
}
