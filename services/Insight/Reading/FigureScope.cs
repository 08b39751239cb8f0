using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
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
/// <param name="Region">The number of the region; 0 for the nation and a municipality.</param>
internal sealed record FigureScope(
    string Code, string Name, IReadOnlyDictionary<string, MunicipalityRow> Municipalities, bool IsNation, int Region = 0)
{
    /// <summary>The scope of a request.</summary>
    /// <exception cref="RefusalException">MUNICIPALITY_NOT_FOUND; NOT_FOUND for a region without municipalities.</exception>
    public static FigureScope Of(ReadSession<InsightStore> session, string municipality, int region)
    {
        var all = session.Store.Municipalities.ToDictionary(row => row.Municipality);
        if (municipality.Length > 0)
        {
            if (!Readers.MayRead(session.Caller, municipality) || !all.TryGetValue(municipality, out var found)) throw Refusal.UnknownTenant().ToException();
            return OfMunicipality(found);
        }

        if (region == 0) return new FigureScope("NL", "Nederland", all, true);
        var members = all.Values.Where(row => row.LabourMarketRegion == region).ToDictionary(row => row.Municipality);
        if (members.Count == 0) throw Refusal.NotFound("labour-market region").ToException();
        return OfRegion(members);
    }

    /// <summary>One municipality.</summary>
    public static FigureScope OfMunicipality(MunicipalityRow row) =>
        new(row.Municipality, row.Name, new Dictionary<string, MunicipalityRow> { [row.Municipality] = row }, false);

    /// <summary>Municipalities of one region.</summary>
    public static FigureScope OfRegion(IReadOnlyDictionary<string, MunicipalityRow> members)
    {
        var any = members.Values.First();
        return new FigureScope($"{any.LabourMarketRegion}", any.LabourMarketRegionName, members, false, any.LabourMarketRegion);
    }

    /// <summary>
    /// As the caller may know them of a part of the country. A municipality would find out by a figure of its own, or of its region,
    /// that a citizen asked UWV without sharing it.
    /// </summary>
    public static FactSet AsToldTo(Caller caller, FactSet part) => caller.Is(OrganisationKind.Municipality) ? part.Told() : part;

    /// <summary>The facts of the scope. The nation's include those of a municipality whose registration has not arrived yet.</summary>
    public FactSet Facts(ReadSession<InsightStore> session, DateTimeOffset knownAt, Requester requester)
    {
        var facts = session.Facts(knownAt);
        return (IsNation ? facts : AsToldTo(session.Caller, facts.Of(Municipalities.ContainsKey))).AskedBy(requester);
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
