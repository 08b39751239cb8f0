namespace BeschutWerk.Host.Demo.History;

/// <summary>An offer's rank in its municipality, and whether it was above the number.</summary>
internal readonly record struct LedgerEntry(int Order, bool AboveNumber);

/// <summary>
/// The ledger of every municipality in date order, as the platform keeps it (Participatiewet 10b lid 6): a place is held from
/// its offer; one that ended is free from the day after; what a day's answers and dropouts free comes after that day's offers.
/// </summary>
internal static class Ledger
{
    public static Dictionary<Draft, LedgerEntry> Play(IReadOnlyList<Draft> inOrder)
    {
        var entries = new Dictionary<Draft, LedgerEntry>();
        foreach (var town in inOrder.Where(d => d.Offer is not null).GroupBy(d => d.Town))
        {
            var offers = town.OrderBy(d => d.Offer!.OfferedOn).ToList();
            for (var i = 0; i < offers.Count; i++)
            {
                var offer = offers[i].Offer!;
                var held = offers.Take(i).Where(d => d.Offer!.HoldsOn(offer.OfferedOn)).Sum(d => d.Offer!.Minutes);
                entries[offers[i]] = new(i + 1, held >= town.Key.NumberIn(offer.PlannedStart.Year) * Town.MinutesPerPlace);
            }
        }
        return entries;
    }
}
