using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class RegulationRulesTests
{
    private static readonly DateOnly Published = new(2017, 11, 20);
    private static readonly DateOnly Today = new(2018, 6, 15);

    /// <summary>Bellingwedde and Vlagtwedde went into Westerwolde in 2018, Ten Boer into Groningen in 2019.</summary>
    private static readonly Division Division = new(
        [
            new("GM0007", new(1968, 1, 1), new(2018, 1, 1)), new("GM0048", new(1968, 1, 1), new(2018, 1, 1)), new("GM1950", new(2018, 1, 1), null),
            new("GM0009", new(1970, 1, 1), new(2019, 1, 1)), new("GM0014", new(1970, 1, 1), null),
        ],
        [new("GM0007", "GM1950", new(2018, 1, 1)), new("GM0048", "GM1950", new(2018, 1, 1)), new("GM0009", "GM0014", new(2019, 1, 1))]);

    private static readonly PublishedNumber[] Whole = [Row("GM0007", 2), Row("GM0048", 5), Row("GM0009", 1), Row("GM0014", 70)];

    [Fact]
    public void A_whole_regulation_passes() => Assert.Null(RegulationRules.Check(Whole, 78, Published, Division));

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        PublishedNumber[] numbers = [Row("GM0007", 2), Row("GM9999", 5), Row("GM1950", 1), Row("GM0007", 1)];
        var refusal = RegulationRules.Check(numbers, 100, Published, Division)!;
        Assert.Equal(ErrorReason.QuotaCodeUnknown, refusal.Reason);
        var told = refusal.Violations.Select(violation => $"{violation.Field}: {violation.Description}").ToList();
        Assert.Contains("numbers[1].municipality: GM9999 did not exist on the day of publication.", told);
        Assert.Contains("numbers[2].municipality: GM1950 did not exist on the day of publication.", told);
        Assert.Contains("numbers[3].municipality: GM0007 is named before.", told);
        Assert.Contains("numbers: GM0009, GM0014, GM0048 missing.", told);
        Assert.Contains("stated_total: The numbers add up to 9.", told);
    }

    [Fact]
    public void A_missing_municipality_and_a_wrong_sum_have_reasons_of_their_own()
    {
        Assert.Equal(ErrorReason.QuotaDivisionIncomplete, RegulationRules.Check(Whole[..3], 8, Published, Division)?.Reason);
        Assert.Equal(ErrorReason.QuotaSumDiffers, RegulationRules.Check(Whole, 79, Published, Division)?.Reason);
    }

    [Fact]
    public void A_dissolved_municipality_s_number_counts_for_its_successor()
    {
        var numbers = RegulationRules.ForTenants([.. Whole[..3], new("GM0014", 70, QuotaOrigin.Synthetic)], Set("GM1950", "GM0014", "GM0009"), Division, Today);
        Assert.Equal(new PublishedNumber("GM1950", 7, QuotaOrigin.Regulation), numbers["GM1950"]);
        Assert.Equal(70, numbers["GM0014"].Number);
        Assert.Equal(1, numbers["GM0009"].Number);
    }

    [Fact]
    public void A_succession_counts_from_its_day_and_only_when_the_dissolved_one_takes_no_part()
    {
        Assert.Equal(70, RegulationRules.ForTenants(Whole, Set("GM0014"), Division, Today)["GM0014"].Number);
        Assert.Equal(71, RegulationRules.ForTenants(Whole, Set("GM0014"), Division, new DateOnly(2019, 1, 1))["GM0014"].Number);
        Assert.Equal(70, RegulationRules.ForTenants(Whole, Set("GM0014", "GM0009"), Division, new DateOnly(2019, 1, 1))["GM0014"].Number);
    }

    [Fact]
    public void A_sum_with_a_synthetic_part_is_synthetic()
    {
        PublishedNumber[] numbers = [Row("GM0007", 2), new("GM0048", 5, QuotaOrigin.Synthetic)];
        Assert.Equal(QuotaOrigin.Synthetic, RegulationRules.ForTenants(numbers, Set("GM1950"), Division, Today)["GM1950"].Origin);
    }

    [Fact]
    public void Every_number_counts_for_exactly_one_when_all_take_part()
    {
        var numbers = RegulationRules.ForTenants(Whole, Set("GM1950", "GM0014", "GM0009"), Division, new DateOnly(2026, 1, 1));
        Assert.Equal(78, numbers.Values.Sum(number => number.Number));
    }

    [Fact]
    public void A_period_ends_on_the_day_before_its_end()
    {
        Assert.True(Division.Existed("GM0007", new(2017, 12, 31)));
        Assert.False(Division.Existed("GM0007", new(2018, 1, 1)));
        Assert.True(Division.Existed("GM1950", new(2018, 1, 1)));
        Assert.Equal(["GM0009", "GM0014", "GM1950"], Division.On(new(2018, 6, 15)).Order());
    }

    private static PublishedNumber Row(string code, int number) => new(code, number, QuotaOrigin.Regulation);

    private static HashSet<string> Set(params string[] codes) => [.. codes];
}
