using BeschutWerk.Insight.Protection;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>
/// Whoever has all answers of the platform never knows a number of 1 to 4 of others. The attackers get told regions exactly;
/// the platform rounds them, which only tells less.
/// </summary>
public sealed class SmallNumberTests
{
    private const int Smallest = 5;
    private const int Years = 2;

    /// <summary>A count of requests (0), positive (1) or negative (2) advices of a municipality in a year.</summary>
    private sealed record Cell(string Municipality, int Year, int Part);

    private sealed record Town(string Code, int Region, long[][] Years);

    private static readonly Gen<long> Count = Gen.Frequency((3, Gen.Long[0, 4]), (3, Gen.Long[3, 9]), (1, Gen.Long[5, 40]));

    private static readonly Gen<Town[]> Worlds =
        from towns in Gen.Select(Gen.Int[1, 4], Count.Array[3].Array[Years]).Array[1, 12]
        select towns.Select((town, i) => new Town($"GM{i:D4}", town.Item1, town.Item2)).ToArray();

    [Fact]
    public void No_difference_and_no_sum_of_what_is_told_gives_a_small_number_of_others() =>
        Gen.Select(Worlds, Gen.Int[0, 12], Gen.Int[0, 12]).Sample(
            (world, first, second) => FollowingFrom(world, OwnOf(world, first, second)).Length == 0, iter: 400);

    /// <summary>So that the property is not true because nothing is told, or because the attacker is weak.</summary>
    [Fact]
    public void The_attacker_finds_what_was_told_before_numbers_were_protected()
    {
        var others = Enumerable.Range(0, 12).Select(i => new Town($"GM{i:D4}", (i / 4) + 1, Same(i < 4 ? 0 : 9)));
        Town[] world = [new("GM9999", 1, Same(1)), .. others];

        Assert.Contains("GM9999", FollowingFrom(world, new HashSet<string>(), everythingIsTold: true), StringComparison.Ordinal);
        Assert.Equal("", FollowingFrom(world, new HashSet<string>()));
        Assert.Equal([3], Told(world, 0));
    }

    /// <summary>Every world of at most so many persons: the same answers never come from one small number of others only.</summary>
    [Theory]
    [InlineData(2, 10, "112233")]
    [InlineData(3, 11, "112233")]
    [InlineData(2, 9, "122333")]
    [InlineData(2, 10, "111222")]
    public void Whoever_knows_the_rule_too_still_finds_several_worlds(int smallest, int persons, string regions)
    {
        var worlds = Distributions(persons, regions.Length).Select(counts => (Counts: counts, Told: TellingOf(counts))).ToList();
        Assert.Contains(worlds, world => world.Told.Length > 0);
        var targets = Enumerable.Range(0, regions.Length).GroupBy(i => regions[i]).Select(region => region.ToArray())
            .Concat(Enumerable.Range(0, regions.Length).Select(i => new[] { i })).ToList();
        // The last one knows no municipality.
        for (var attacker = 0; attacker <= regions.Length; attacker++)
        {
            foreach (var same in worlds.GroupBy(world => (world.Counts.ElementAtOrDefault(attacker), world.Counts.Sum(), world.Told)))
            {
                foreach (var others in targets.Select(some => some.Where(i => i != attacker).ToList()))
                {
                    var values = same.Select(world => others.Sum(i => world.Counts[i])).Distinct().Take(2).ToList();
                    Assert.False(values is [> 0] && values[0] < smallest, $"{attacker} knows {string.Join('+', others)} of {same.Key}");
                }
            }
        }

        string TellingOf(long[] counts)
        {
            var table = counts.Select((count, i) => new MunicipalCounts($"{i}", regions[i], [count])).ToList();
            var told = SmallNumbers.Told(table, new HashSet<string>(), smallest).Order();
            return string.Join(
                ' ', told.Select(region => $"{region}={table.Where(row => row.Region == region).Sum(row => row.Counts[0])}"));
        }
    }

    [Fact]
    public void A_region_of_one_municipality_or_with_one_large_one_is_hidden_and_never_alone()
    {
        // In region 1 one municipality has nearly all; region 3 is the smallest of the others and is hidden with it.
        Assert.Equal([2], Of((1, 40), (1, 4), (2, 20), (2, 20), (3, 9), (3, 9)));
        Assert.Equal([2, 3], Of((1, 40), (4, 40), (2, 20), (2, 20), (3, 9), (3, 9)));
        Assert.Equal([1, 2], Of((1, 5), (1, 5), (2, 7), (2, 5)));
        Assert.Empty(Of((1, 5), (1, 5), (2, 7), (2, 4)));
        Assert.Empty(Of((1, 0), (2, 0)));
    }

    [Fact]
    public void Who_acts_for_several_municipalities_knows_them_together()
    {
        MunicipalCounts[] table = [new("A", 1, [6]), new("B", 1, [6]), new("C", 1, [3]), new("D", 2, [9]), new("E", 2, [9])];

        Assert.Equal([1, 2], SmallNumbers.Told(table, new HashSet<string> { "A" }, Smallest).Order());
        Assert.Empty(SmallNumbers.Told(table, new HashSet<string> { "A", "B" }, Smallest));
    }

    private static IEnumerable<int> Of(params (int Region, long Count)[] towns)
    {
        var table = towns.Select((town, i) => new MunicipalCounts($"{i}", town.Region, [town.Count])).ToList();
        return SmallNumbers.Told(table, new HashSet<string>(), Smallest).Order();
    }

    private static long[][] Same(long count) => [.. Enumerable.Repeat(new[] { count, count, count }, Years)];

    private static HashSet<string> OwnOf(Town[] world, params int[] indices) =>
        [.. indices.Where(i => i < world.Length).Select(i => world[i].Code)];

    private static IReadOnlySet<int> Told(Town[] world, int year, IReadOnlySet<string>? own = null) => SmallNumbers.Told(
        [.. world.Select(town => new MunicipalCounts(town.Code, town.Region, town.Years[year]))], own ?? new HashSet<string>(), Smallest);

    /// <summary>The first small number of others that follows from all that a caller is told; empty when none does.</summary>
    private static string FollowingFrom(Town[] world, IReadOnlySet<string> own, bool everythingIsTold = false)
    {
        var attacker = new Attacker<Cell>();
        var others = world.Where(town => !own.Contains(town.Code)).ToList();
        var nationIsTold = others.Count >= Smallest && others.DistinctBy(town => town.Region).Count() > 1;
        foreach (var town in world.Where(town => own.Contains(town.Code))) Tell(attacker, [town], 0, Years - 1, each: true);
        for (var from = 0; from < Years; from++)
        {
            for (var to = from; to < Years; to++)
            {
                if (nationIsTold) Tell(attacker, world, from, to);
            }

            foreach (var region in everythingIsTold ? world.Select(town => town.Region).ToHashSet() : Told(world, from, own))
            {
                Tell(attacker, [.. world.Where(town => town.Region == region)], from, from);
            }
        }

        attacker.Concludes();
        for (var (year, part) = (0, 0); year < Years; (year, part) = part == 2 ? (year + 1, 0) : (year, part + 1))
        {
            var regions = others.GroupBy(town => town.Region).Select(region => region.ToArray());
            foreach (var towns in others.Select(town => new[] { town }).Concat(regions))
            {
                var count = towns.Sum(town => town.Years[year][part]);
                var (least, most) = attacker.Bounds([.. towns.Select(town => new Cell(town.Code, year, part))]);
                Assert.InRange(count, least, most);
                if (count is > 0 and < Smallest && least == most) return $"{string.Join('+', towns.Select(town => town.Code))} is {count}";
            }
        }

        return "";
    }

    /// <summary>Requests, positive, negative, and the two together, of some municipalities and years.</summary>
    private static void Tell(Attacker<Cell> attacker, Town[] towns, int from, int to, bool each = false)
    {
        var years = Enumerable.Range(from, to - from + 1).ToList();
        foreach (var parts in new int[][] { [0], [1], [2], [1, 2] })
        {
            foreach (var span in each ? years.Select(year => new List<int> { year }) : [years])
            {
                var cells = (from town in towns from year in span from part in parts select (town, year, part)).ToList();
                if (cells.Count == 0) continue;
                attacker.Learns(
                    cells.Select(cell => new Cell(cell.town.Code, cell.year, cell.part)),
                    cells.Sum(cell => cell.town.Years[cell.year][cell.part]));
            }
        }
    }

    /// <summary>All ways to give at most so many persons to some municipalities.</summary>
    private static IEnumerable<long[]> Distributions(int persons, int municipalities) => municipalities == 0
        ? [[]]
        : Enumerable.Range(0, persons + 1).SelectMany(
            first => Distributions(persons - first, municipalities - 1).Select(rest => (long[])[first, .. rest]));
}
