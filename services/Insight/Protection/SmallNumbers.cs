namespace BeschutWerk.Insight.Protection;

/// <summary>What a table counts in one municipality.</summary>
/// <param name="Municipality">GM code.</param>
/// <param name="Region">Number of its labour-market region.</param>
/// <param name="Counts">The same counts in the same order for every municipality.</param>
internal sealed record MunicipalCounts(string Municipality, int Region, IReadOnlyList<long> Counts);

/// <summary>
/// Which regions of a table may be told. Everybody knows the nation, and each municipality knows itself. What remains when they
/// subtract that, or other regions, is never one number below the smallest count: it is as large, or a sum of several unknowns.
/// </summary>
internal static class SmallNumbers
{
    /// <param name="table">All municipalities.</param>
    /// <param name="own">Those of the caller, who knows them together; each other municipality knows itself.</param>
    /// <param name="smallest">The smallest count that may be known of others.</param>
    /// <returns>Numbers of the regions that may be told.</returns>
    public static IReadOnlySet<int> Told(IReadOnlyCollection<MunicipalCounts> table, IReadOnlySet<string> own, long smallest)
    {
        var regions = table.GroupBy(row => row.Region).ToDictionary(region => region.Key, region => region.ToList());
        var told = regions.Where(region => LeavesEnough(region.Value, own, smallest)).Select(region => region.Key).ToHashSet();
        // A region that is hidden alone is what the others leave of the nation, and so are several that are small together.
        foreach (var next in told.OrderBy(region => regions[region].Sum(row => row.Counts.Sum())).ThenBy(region => region).ToList())
        {
            var hidden = regions.Where(region => !told.Contains(region.Key)).ToList();
            if (hidden.Count == 0) break;
            if (hidden.Count > 1 && LeavesEnough([.. hidden.SelectMany(region => region.Value)], own, smallest)) break;
            told.Remove(next);
        }

        return told;
    }

    /// <summary>Whether each count is large, also for a municipality of them that subtracts itself.</summary>
    private static bool LeavesEnough(List<MunicipalCounts> rows, IReadOnlySet<string> own, long smallest)
    {
        var others = rows.Count - Math.Max(1, rows.Count(row => own.Contains(row.Municipality)));
        for (var i = 0; i < rows[0].Counts.Count; i++)
        {
            var total = rows.Sum(row => row.Counts[i]);
            var together = rows.Where(row => own.Contains(row.Municipality)).Sum(row => row.Counts[i]);
            if (total - Math.Max(rows.Max(row => row.Counts[i]), together) < smallest) return false;
            // Who knows this rule knows that no municipality has more than total - smallest. If all had to have just that to come to
            // the total, each would be known.
            if (others > 1 && total >= others * (total - smallest)) return false;
        }

        return true;
    }
}
