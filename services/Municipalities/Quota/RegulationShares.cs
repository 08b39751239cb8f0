using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>What of a row counts for one of the municipalities over which the row's municipality was divided.</summary>
public readonly record struct PublishedShare(string Code, string Successor, int Number);

/// <summary>How the rows of municipalities that were split are divided.</summary>
public sealed class RegulationShares(IEnumerable<PublishedShare> shares)
{
    /// <summary>No row is divided.</summary>
    public static readonly RegulationShares None = new([]);

    private readonly Dictionary<(string Code, string Successor), int> _shares =
        shares.ToDictionary(share => (share.Code, share.Successor), share => share.Number);

    /// <summary>What of a row counts for a successor; null when it was not said.</summary>
    public int? Of(string code, string successor) => _shares.TryGetValue((code, successor), out var number) ? number : null;

    /// <summary>
    /// Notes what is wrong with shares: each row's name exactly the municipalities over which it was divided, once, and add up
    /// to it. They are needed where a split is in effect for the regulation or today, whoever is registered; a split that comes
    /// later may be told now, or by importing the publication again.
    /// </summary>
    /// <param name="rows">The rows of the regulation.</param>
    /// <param name="shares">What was told.</param>
    /// <param name="effectiveFrom">Day from which the numbers hold.</param>
    /// <param name="division">The division of the country.</param>
    /// <param name="today">Today.</param>
    /// <param name="checks">Where violations go.</param>
    public static void Check(
        IReadOnlyList<PublishedNumber> rows, IReadOnlyList<PublishedShare> shares,
        DateOnly effectiveFrom, Division division, DateOnly today, FieldChecks checks)
    {
        var codes = rows.Select(row => row.Code).ToHashSet();
        var named = new HashSet<(string, string)>();
        for (var i = 0; i < shares.Count; i++)
        {
            var (code, successor, _) = shares[i];
            var split = codes.Contains(code) ? division.SplitOf(code) : null;
            checks.Require(split is not null, $"split_shares[{i}].municipality", $"{code} is no row of a municipality that was split.");
            var isSuccessor = split is null || split.Successors.Contains(successor);
            checks.Require(isSuccessor, $"split_shares[{i}].successor", $"{code} was not divided over {successor}.");
            checks.Require(named.Add((code, successor)), $"split_shares[{i}].successor", $"{code} names {successor} before.");
        }

        var told = shares.ToLookup(share => share.Code);
        foreach (var row in rows.DistinctBy(row => row.Code))
        {
            if (division.SplitOf(row.Code) is not { } split) continue;
            var isNeeded = row.Number > 0 && split.IsInEffect(Latest(today, effectiveFrom), today);
            if (!told.Contains(row.Code))
            {
                var how = $"{row.Code} was divided over {Text(split.Successors)} on {split.Date:O}";
                checks.Require(!isNeeded, "split_shares", $"{how}: say how its {row.Number} are divided.");
                continue;
            }

            var missing = split.Successors.Except(told[row.Code].Select(share => share.Successor)).ToList();
            checks.Require(missing.Count == 0, "split_shares", $"{row.Code} was also divided over {Text(missing)}.");
            var sum = told[row.Code].Sum(share => (long)share.Number);
            checks.Require(sum == row.Number, "split_shares", $"The shares of {row.Code} add up to {sum}, its row says {row.Number}.");
        }
    }

    /// <summary>The day for whose division numbers count: today's, and for a regulation that holds later that day's.</summary>
    public static DateOnly Latest(DateOnly today, DateOnly effectiveFrom) => today > effectiveFrom ? today : effectiveFrom;

    private static string Text(IEnumerable<string> codes) => string.Join(", ", codes);
}
