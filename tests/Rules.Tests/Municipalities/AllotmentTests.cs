using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;
using CsCheck;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>For whom the rows of a regulation count.</summary>
public sealed class AllotmentTests
{
    private static readonly DateOnly Today = new(2026, 11, 29);

    /// <summary>The country as it was and is, by the project's own files.</summary>
    private static readonly Division Country = ReferenceFiles.Division(new ConfigurationBuilder().Build());

    /// <summary>What the ministry published for 2019, before the municipalities of 2019 were there.</summary>
    private static readonly PublishedNumber[] Of2019 =
    [
        Row("GM0014", 80), Row("GM0009", 2), Row("GM0017", 3), // Groningen, Ten Boer, Haren
        Row("GM0005", 1), Row("GM1651", 4), Row("GM1663", 2), Row("GM0053", 4), // Bedum, Eemsmond, De Marne, Winsum
        Row("GM0788", 10), Row("GM0855", 200), // Haaren, Tilburg
    ];

    private static readonly RegulationShares Shares = new(
    [
        new("GM0053", "GM1966", 3), new("GM0053", "GM1969", 1),
        new("GM0788", "GM0855", 1), new("GM0788", "GM0757", 2), new("GM0788", "GM0824", 4), new("GM0788", "GM0865", 3),
    ]);

    [Fact]
    public void Rows_of_dissolved_municipalities_count_for_their_successors()
    {
        var numbers = Numbers(Of2019, new(2019, 1, 1), Today, "GM0014", "GM1966", "GM0855");
        Assert.Equal(85, numbers["GM0014"].Number);
        Assert.Equal(10, numbers["GM1966"].Number);
        Assert.Equal(201, numbers["GM0855"].Number);
    }

    [Fact]
    public void Each_row_says_for_whom_it_counts_and_the_parts_of_a_split_one_as_many_times()
    {
        var parts = Allot(new(2019, 1, 1), Today, "GM0014", "GM1966").Of(Of2019).ToList();
        Assert.Equal(
            [
                "GM0014 GM0014 80 True", "GM0009 GM0014 2 True", "GM0017 GM0014 3 True",
                "GM0005 GM1966 1 True", "GM1651 GM1966 4 True", "GM1663 GM1966 2 True", "GM0053 GM1966 3 True", "GM0053 GM1969 1 False",
                "GM0788 GM0757 2 False", "GM0788 GM0824 4 False", "GM0788 GM0855 1 False", "GM0788 GM0865 3 False",
                "GM0855 GM0855 200 False",
            ],
            parts.Select(part => $"{part.Row.Code} {part.CountsFor} {part.Number} {part.IsRegistered}"));
    }

    [Fact]
    public void A_municipality_that_was_there_when_the_regulation_took_effect_keeps_its_number_while_it_takes_part()
    {
        PublishedNumber[] rows = [Row("GM0014", 70), Row("GM0009", 1)];
        Assert.Equal(70, Numbers(rows, new(2018, 1, 1), Today, "GM0014", "GM0009")["GM0014"].Number);
        Assert.Equal(71, Numbers(rows, new(2018, 1, 1), Today, "GM0014")["GM0014"].Number);
        // Ten Boer was no more on 1 January 2019, the day of this one.
        var of2019 = Numbers(rows, new(2019, 1, 1), Today, "GM0014", "GM0009");
        Assert.Equal(["GM0014 71"], of2019.Values.Select(number => $"{number.Code} {number.Number}"));
    }

    [Fact]
    public void A_succession_counts_from_its_day_and_for_a_regulation_that_takes_effect_on_it()
    {
        PublishedNumber[] rows = [Row("GM0014", 70), Row("GM0009", 1)];
        Assert.Equal(70, Numbers(rows, new(2018, 1, 1), new(2018, 6, 15), "GM0014")["GM0014"].Number);
        Assert.Equal(71, Numbers(rows, new(2018, 1, 1), new(2019, 1, 1), "GM0014")["GM0014"].Number);
        Assert.Equal(71, Numbers(rows, new(2019, 1, 1), new(2018, 11, 30), "GM0014")["GM0014"].Number);
    }

    [Fact]
    public void A_planned_succession_counts_only_once_its_day_has_come()
    {
        PublishedNumber[] rows = [Row("GM1696", 9), Row("GM0402", 40)];
        DateOnly effective = new(2027, 1, 1);
        Assert.Equal(9, Numbers(rows, effective, new(2026, 12, 31), "GM1696", "GM0402")["GM1696"].Number);
        Assert.Equal(40, Numbers(rows, effective, new(2026, 12, 31), "GM0402")["GM0402"].Number);
        var begun = Numbers(rows, effective, effective, "GM1696", "GM0402");
        Assert.Equal(["GM0402 49"], begun.Values.Select(number => $"{number.Code} {number.Number}"));
    }

    [Fact]
    public void A_renamed_municipality_and_one_that_went_on_twice_are_found()
    {
        Assert.Equal(6, Numbers([Row("GM1921", 6)], new(2017, 1, 1), Today, "GM1940")["GM1940"].Number);
        Division twice = new(
            [],
            [new("GM0001", "GM0002", new(2018, 1, 1)), new("GM0002", "GM0003", new(2019, 1, 1))]);
        var allotment = new Allotment(new(2017, 1, 1), RegulationShares.None, new HashSet<string> { "GM0003" }, twice, Today);
        Assert.Equal(6, Allotment.OfTenants(allotment.Of([Row("GM0001", 6)]))["GM0003"].Number);
    }

    [Fact]
    public void Without_shares_a_split_row_counts_for_nobody_who_takes_part_and_is_told_apart()
    {
        var allotment = new Allotment(new(2019, 1, 1), RegulationShares.None, new HashSet<string> { "GM0855" }, Country, Today);
        var part = Assert.Single(allotment.Of([Row("GM0788", 10)]));
        Assert.Equal(("GM0788", 10, false, true), (part.CountsFor, part.Number, part.IsRegistered, part.IsUndivided));
    }

    [Fact]
    public void A_sum_with_a_synthetic_part_is_synthetic()
    {
        PublishedNumber[] rows = [Row("GM0014", 70), new("GM0009", 1, QuotaOrigin.Synthetic)];
        Assert.Equal(new PublishedNumber("GM0014", 71, QuotaOrigin.Synthetic), Numbers(rows, new(2019, 1, 1), Today, "GM0014")["GM0014"]);
    }

    [Fact]
    public void Every_place_counts_for_exactly_one_whoever_takes_part_and_whenever()
    {
        var codes = Country.On(new(2015, 1, 1)).Concat(Country.On(new(2020, 1, 1))).Concat(Country.On(Today)).Distinct().Order().ToArray();
        var cases = from published in Gen.Int[0, 4600]
            from effective in Gen.Int[0, 3650]
            from tenants in Gen.Shuffle(codes, 0, codes.Length)
            from today in Gen.Int[0, 3650]
            let begin = new DateOnly(2017, 1, 1)
            select (
                published: new DateOnly(2015, 7, 1).AddDays(published), effective: begin.AddDays(effective),
                tenants: tenants.ToHashSet(), today: begin.AddDays(today));

        cases.Sample(found =>
        {
            var rows = Country.On(found.published).Select((code, i) => Row(code, i % 40)).ToList();
            var shares = rows.Where(row => Country.SplitOf(row.Code) is not null).SelectMany(row => Country.SplitOf(row.Code)!.Successors
                .Select((successor, i) => new PublishedShare(row.Code, successor, i == 0 ? row.Number : 0)));
            var parts = new Allotment(found.effective, new RegulationShares(shares), found.tenants, Country, found.today).Of(rows).ToList();

            Assert.Equal(rows.Sum(row => row.Number), parts.Sum(part => part.Number));
            Assert.All(parts, part => Assert.False(part.IsRegistered && !found.tenants.Contains(part.CountsFor)));
            Assert.DoesNotContain(parts, part => part.IsUndivided);
            var given = Allotment.OfTenants(parts).Values.Sum(number => number.Number);
            Assert.Equal(parts.Where(part => part.IsRegistered).Sum(part => part.Number), given);
        }, iter: 200);
    }

    [Fact]
    public void Reference_data_that_contradicts_itself_is_refused_with_the_municipality()
    {
        Assert.Contains("GM0001", Refused(new("GM0001", "GM0002", Today), new("GM0001", "GM0003", Today)), StringComparison.Ordinal);
        Assert.Contains("GM0001", Refused(new Succession("GM0001", "GM0002", Today, SuccessionKind.Split)), StringComparison.Ordinal);
        var later = Today.AddDays(1);
        var days = Refused(Part("GM0001", "GM0002", Today), Part("GM0001", "GM0003", later));
        Assert.Contains("several days", days, StringComparison.Ordinal);
        Assert.Contains("twice", Refused(Part("GM0001", "GM0002", Today), Part("GM0001", "GM0002", Today)), StringComparison.Ordinal);
        Assert.Contains("before", Refused(new("GM0001", "GM0002", Today), new("GM0002", "GM0001", Today)), StringComparison.Ordinal);
        var again = Refused(
            Part("GM0001", "GM0002", Today), Part("GM0001", "GM0003", Today),
            Part("GM0002", "GM0003", later), Part("GM0002", "GM0004", later));
        Assert.Contains("a part of it again", again, StringComparison.Ordinal);
    }

    private static Succession Part(string code, string successor, DateOnly day) => new(code, successor, day, SuccessionKind.Split);

    private static string Refused(params Succession[] successions) =>
        Assert.Throws<InvalidOperationException>(() => new Division([], successions)).Message;

    private static Dictionary<string, PublishedNumber> Numbers(
        PublishedNumber[] rows, DateOnly effectiveFrom, DateOnly today, params string[] tenants) =>
        Allotment.OfTenants(Allot(effectiveFrom, today, tenants).Of(rows));

    private static Allotment Allot(DateOnly effectiveFrom, DateOnly today, params string[] tenants) =>
        new(effectiveFrom, Shares, tenants.ToHashSet(), Country, today);

    private static PublishedNumber Row(string code, int number) => new(code, number, QuotaOrigin.Regulation);
}
