using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Knowledge.Practices;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Knowledge;

public sealed class PersonalDataTests
{
    [Theory]
    [InlineData("123456782")]
    [InlineData("Bel met Jan (BSN 123456782).")]
    [InlineData("bsn123456782x")]
    [InlineData("1234 56 782")]
    [InlineData("1234.56.782")]
    [InlineData("123-456-782")]
    [InlineData("123\u00A0456\u00A0782")]
    [InlineData("123\u2011456\u2011782")]
    [InlineData("1234\u200B56782")]
    [InlineData("１２３４５６７８２")]
    [InlineData("1 2 3 4 5 6 7 8 2")]
    [InlineData("zaak 12 123456782")]
    [InlineData("zaak 12 1234 56 782 van 2017")]
    [InlineData("111222333\n")]
    [InlineData("twee: 123456789, 111222333")]
    public void A_number_that_passes_the_eleven_test_is_found(string text) => Assert.True(PersonalData.HoldsBsn(text));

    [Theory]
    [InlineData("")]
    [InlineData("Geen nummer.")]
    [InlineData("123456789")]
    [InlineData("000000000")]
    [InlineData("12345678")]
    [InlineData("1123456782")]
    [InlineData("1234567820")]
    [InlineData("06-12345678")]
    [InlineData("1234, 56, 782")]
    [InlineData("1234\n56782")]
    [InlineData("1234  56782")]
    [InlineData("In 2017 waren er 2.600 plekken, in 2018 4.600.")]
    [InlineData("99999862 0")]
    public void Other_numbers_are_not(string text) => Assert.False(PersonalData.HoldsBsn(text));

    [Fact]
    public void Every_valid_number_is_found_wherever_it_stands_and_however_it_is_grouped() =>
        Gen.Select(Gen.Int[0, 999_999_999], Gen.Int[1, 8], Gen.OneOfConst("", " ", ".", "-"), Gen.String[Gen.Char['a', 'z'], 0, 20]).Sample((number, cut, separator, around) =>
        {
            var digits = $"{number:D9}";
            var text = $"{around} x{digits[..cut]}{separator}{digits[cut..]}x {around}";
            return PersonalData.HoldsBsn(text) == Bsn.IsValid(digits);
        });

    [Fact]
    public async Task A_long_row_of_digit_groups_is_read_in_reasonable_time()
    {
        var text = string.Concat(Enumerable.Repeat("0 ", 25_000));

        var reading = Task.Run(() => PersonalData.HoldsBsn(text), TestContext.Current.CancellationToken);

        Assert.False(await reading.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_refusal_names_all_fields_and_not_the_number()
    {
        var refusal = Assert.Throws<RefusalException>(() =>
            PersonalData.Refuse(("title", "Jan 123456782"), ("summary", "Niets"), ("body", "111222333"))).Refusal;

        Assert.Equal(ErrorReason.PersonalData, refusal.Reason);
        Assert.Equal(["title", "body"], refusal.Violations.Select(violation => violation.Field));
        var said = refusal.Message + string.Concat(refusal.Violations.Select(violation => violation.Description));
        Assert.DoesNotContain(said, char.IsDigit);
    }
}
