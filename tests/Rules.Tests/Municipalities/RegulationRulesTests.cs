using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
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
    public void A_whole_regulation_passes() => Assert.Null(Check(Whole, 78));

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        PublishedNumber[] numbers = [Row("GM0007", 2), Row("GM9999", 5), Row("GM1950", 1), Row("GM0007", 1)];
        var refusal = Check(numbers, 100)!;
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
        Assert.Equal(ErrorReason.QuotaDivisionIncomplete, Check(Whole[..3], 8)?.Reason);
        Assert.Equal(ErrorReason.QuotaSumDiffers, Check(Whole, 79)?.Reason);
    }

    [Fact]
    public void A_period_ends_on_the_day_before_its_end()
    {
        Assert.True(Division.Existed("GM0007", new(2017, 12, 31)));
        Assert.False(Division.Existed("GM0007", new(2018, 1, 1)));
        Assert.True(Division.Existed("GM1950", new(2018, 1, 1)));
        Assert.Equal(["GM0009", "GM0014", "GM1950"], Division.On(new(2018, 6, 15)).Order());
        Assert.True(Division.EverExisted("GM0007"));
        Assert.False(Division.EverExisted("GM9999"));
    }

    [Fact]
    public void A_code_that_no_municipality_had_is_noted_at_its_field()
    {
        var checks = new FieldChecks();
        Division.RequireExisted(checks, "municipality", "GM0007", new(2018, 1, 1));
        Division.RequireExisted(checks, "municipality", "GM0007", new(2017, 12, 31));
        Assert.Equal(
            ["municipality: No municipality had this code on that day."],
            checks.Violations.Select(violation => $"{violation.Field}: {violation.Description}"));
    }

    private static Refusal? Check(PublishedNumber[] numbers, int total, params PublishedShare[] shares) =>
        RegulationRules.Check(numbers, shares, total, Published, new DateOnly(2018, 1, 1), Division, Today);

    private static PublishedNumber Row(string code, int number) => new(code, number, QuotaOrigin.Regulation);
}
