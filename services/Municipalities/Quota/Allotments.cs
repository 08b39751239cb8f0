using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>The regulations of a store, and for whom their numbers count now.</summary>
sealed class Allotments
{
    private readonly ILookup<Guid, PublishedNumber> _rows;
    private readonly ILookup<Guid, PublishedShare> _shares;
    private readonly HashSet<string> _tenants;
    private readonly Division _division;
    private readonly DateOnly _today;

    public Allotments(MunicipalitiesStore store, Division division, DateOnly today)
    {
        _rows = store.RegulationNumbers.AsEnumerable()
            .ToLookup(row => row.RegulationId, row => new PublishedNumber(row.Code, row.Number, row.Origin));
        _shares = store.RegulationShares.AsEnumerable()
            .ToLookup(row => row.RegulationId, row => new PublishedShare(row.Code, row.Successor, row.Number));
        _tenants = [.. store.Tenants.Select(row => row.Code)];
        (_division, _today) = (division, today);
    }

    /// <summary>For whom each row of a regulation counts, in the order of the codes.</summary>
    public IEnumerable<Allotted> Of(Regulation regulation) =>
        new Allotment(regulation.EffectiveFrom, new RegulationShares(_shares[regulation.RegulationId]), _tenants, _division, _today)
            .Of(_rows[regulation.RegulationId].OrderBy(row => row.Code, StringComparer.Ordinal));
}
