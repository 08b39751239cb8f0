using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Sector.Persons;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Sector;

/// <summary>
/// What is taken for a citizen service number in a text, and what is not. Every number here is made up; all of nine digits
/// pass the eleven-test, but for those of <see cref="Nine_digits_that_fail_the_test_are_not"/>, so that it is never the test that decides.
/// </summary>
public sealed class PersonalDataTests
{
    private static readonly Gen<string> Separators = Gen.OneOfConst("", " ", ".", "-", "/", "\n", "\t", "\u00A0", " - ");

    [Theory]
    [InlineData("123456782")]
    [InlineData("Bel met Jan (BSN 123456782).")]
    [InlineData("twee: 123456789, 111222333")]
    [InlineData("111222333\n")]
    // With letters around it, also of an older VAT number, which was the number of a person.
    [InlineData("bsn123456782x")]
    [InlineData("NL123456782B01")]
    [InlineData("Jan,123456782,1980-01-01")]
    // Grouped by blanks of any kind.
    [InlineData("1234 56 782")]
    [InlineData("1 2 3 4 5 6 7 8 2")]
    [InlineData("1234  56782")]
    [InlineData("123\u00A0456\u00A0782")]
    [InlineData("123\u202F456\u2009782")]
    [InlineData("123\t456\t782")]
    [InlineData("1234\u200B56782")]
    [InlineData("123\u00AD456\u00AD782")]
    // By points, hyphens, slashes, underscores, and by several of them.
    [InlineData("1234.56.782")]
    [InlineData("123.456.782")]
    [InlineData("123·456·782")]
    [InlineData("123-456-782")]
    [InlineData("123\u2011456\u2011782")]
    [InlineData("123–456—782")]
    [InlineData("123\u2212456\u2212782")]
    [InlineData("123/456/782")]
    [InlineData("1234/56782")]
    [InlineData("123\\456\\782")]
    [InlineData("123_456_782")]
    [InlineData("123 - 456 - 782")]
    [InlineData("1234 / 56 / 782")]
    [InlineData("1234.56-782")]
    [InlineData("1234 56/782")]
    // Over the end of a line.
    [InlineData("1234\n56782")]
    [InlineData("1234\r\n56782")]
    [InlineData("12345-\n6782")]
    [InlineData("123/456/\n782")]
    [InlineData("123\n456\n782")]
    [InlineData("123\n456 - 782")]
    [InlineData("1234\n      56782")]
    [InlineData("1234\u202856782")]
    // Digits of other widths, scripts and looks.
    [InlineData("１２３４５６７８２")]
    [InlineData("１２３．４５６．７８２")]
    [InlineData("١٢٣٤٥٦٧٨٢")]
    [InlineData("𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟐")]
    [InlineData("1\uFE0F\u20E32\uFE0F\u20E33\uFE0F\u20E34\uFE0F\u20E35\uFE0F\u20E36\uFE0F\u20E37\uFE0F\u20E38\uFE0F\u20E32\uFE0F\u20E3")]
    // Among other numbers.
    [InlineData("zaak 12 123456782")]
    [InlineData("zaak 12 1234 56 782 van 2017")]
    [InlineData("€ 500 123456782")]
    [InlineData("€ 1.250,00 voor 123.456.782")]
    [InlineData("500 € 123456782")]
    [InlineData("06-12345678 123456782")]
    [InlineData("+31 6 12345683 123456782")]
    [InlineData("NL91 ABNA 0417 1643 00 123456782")]
    [InlineData("00000001002220647000 123456782")]
    [InlineData("1-6-1980 123456782")]
    // The zero in front is left out, and the number is called what it is.
    [InlineData("BSN 12345672")]
    [InlineData("bsn: 1234.56.72")]
    [InlineData("burgerservicenummer is 34112352")]
    [InlineData("sofi-nummer 12345672")]
    [InlineData("012345672")]
    // The names of other numbers do not reach so far, or are not the only ones.
    [InlineData("RSIN 002220647 en BSN 123456782")]
    [InlineData("RSIN 002220647, 123456782")]
    [InlineData("BSN/RSIN 123456782")]
    [InlineData("BSN of RSIN: 123456782")]
    [InlineData("Het RSIN kent Jan, 123456782")]
    [InlineData("RSIN onbekend. 123456782")]
    [InlineData("BSN 123456782 euro 50")]
    [InlineData("BSN: 2018-12356")]
    // Names that decide nothing.
    [InlineData("kenmerk 123456782")]
    [InlineData("KvK 123456782")]
    [InlineData("klantnummer 123456782")]
    public void A_citizen_service_number_is_found(string text) => Assert.True(PersonalData.HoldsBsn(text));

    [Theory]
    // Amounts.
    [InlineData("€ 105.000.000")]
    [InlineData("€105.000.000,-")]
    [InlineData("€\u00A0105.000.000")]
    [InlineData("€ 105 000 000")]
    [InlineData("€ 105000000")]
    [InlineData("EUR 105.000.000")]
    [InlineData("105.000.000 euro")]
    [InlineData("105.000.000,50")]
    [InlineData("in 2018: 101.650.000,- per jaar")]
    [InlineData("van 1.500 - 13.000 plekken")]
    // Organisations.
    [InlineData("RSIN 002220647")]
    [InlineData("rsin: 0022.20.647")]
    [InlineData("Het RSIN-nummer is 858311537.")]
    [InlineData("RSIN's 002220647")]
    [InlineData("Stichting Voorbeeld (RSIN: 858311537)")]
    [InlineData("858311537 (RSIN)")]
    [InlineData("OIN 00000001002220647000")]
    [InlineData("00000001 002220647 000")]
    [InlineData("00000001-002220647-000")]
    [InlineData("KvK 12345672")]
    [InlineData("KvK-nummer 34112352, vestiging 000012345678")]
    // Bank accounts; the French one has nine digits between its blanks.
    [InlineData("NL91 ABNA 0417 1643 00")]
    [InlineData("NL91ABNA0417164300")]
    [InlineData("FR48 2004 1010 4192 5412 2M48 244")]
    // Telephone numbers, also with nine digits behind the country.
    [InlineData("06-12345678")]
    [InlineData("06 12 34 56 78")]
    [InlineData("(020) 123 45 67")]
    [InlineData("+31 6 12345683")]
    [InlineData("+31 20 123 45 67")]
    [InlineData("+31 (0)20 1234567")]
    [InlineData("0031 201234567")]
    // Days and years, also before another number.
    [InlineData("01-06-2018 7 plekken")]
    [InlineData("1/6/2018 101")]
    [InlineData("1.6.2018 101")]
    [InlineData("2018-06-02 2")]
    [InlineData("20180615")]
    [InlineData("2015 2016 2017")]
    [InlineData("2017/2018 8")]
    [InlineData("1991-1992 2")]
    [InlineData("2017/18 108")]
    // Parliament, references, codes.
    [InlineData("Kamerstuk 29 817, nr. 145")]
    [InlineData("Kamerstukken II 2017/18, 29 817, nr. 145")]
    [InlineData("Kamerstuk 29 817-1004")]
    [InlineData("kst-29817-145")]
    [InlineData("Stcrt. 2017, 65122")]
    [InlineData("kenmerk 2018-0000123456")]
    [InlineData("Ons kenmerk: 2018-12356")]
    [InlineData("zaaknummer UWV-2018/12356")]
    [InlineData("ECLI:NL:CRVB:2018:1234")]
    [InlineData("BWBR0015703")]
    [InlineData("1012 AB 12, 1013 CD 34")]
    [InlineData("ISBN 978-90-12-34568-8")]
    [InlineData("6a123456-0123-4567-8912-345678201234")]
    // What belongs to two sentences, paragraphs or columns.
    [InlineData("In 2017. 12349 mensen")]
    [InlineData("Dat was 2017.\n\n12349 mensen")]
    [InlineData("2017      12349")]
    [InlineData("1234, 56, 782")]
    [InlineData("1234; 56782")]
    [InlineData("1234:56782")]
    [InlineData("1234 (56782)")]
    // Eight or ten digits, or one number with another behind it.
    [InlineData("12345672")]
    [InlineData("1123456782")]
    [InlineData("1234567820")]
    [InlineData("")]
    [InlineData("Geen nummer.")]
    [InlineData("In 2017 waren er 2.600 plekken, in 2018 4.600.")]
    public void Another_number_is_not(string text) => Assert.False(PersonalData.HoldsBsn(text));

    [Theory]
    [InlineData("123456789")]
    [InlineData("000000000")]
    [InlineData("BSN 123456789")]
    [InlineData("BSN 12345678")]
    [InlineData("99999862 0")]
    public void Nine_digits_that_fail_the_test_are_not(string text) => Assert.False(PersonalData.HoldsBsn(text));

    [Fact]
    public void Every_valid_number_is_found_wherever_it_stands_and_however_it_is_grouped() =>
        Gen.Select(Gen.Int[0, 999_999_999], Gen.Int[1, 8], Separators, Gen.String[Gen.Char['a', 'z'], 0, 20])
            .Sample((number, cut, separator, around) =>
            {
                var digits = $"{number:D9}";
                var text = $"{around} x{digits[..cut]}{separator}{digits[cut..]}x {around}";
                return PersonalData.HoldsBsn(text) == Bsn.IsValid(digits);
            });

    [Theory]
    [InlineData("0 ")]
    [InlineData("000")]
    [InlineData("123 ")]
    [InlineData("€ 1.")]
    [InlineData("NL91 ")]
    [InlineData("rsin is ")]
    public async Task A_long_text_is_read_in_reasonable_time(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 25_000));

        var reading = Task.Run(() => PersonalData.HoldsBsn(text), TestContext.Current.CancellationToken);

        Assert.False(await reading.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_refusal_names_all_fields_and_not_the_number()
    {
        var checks = new FieldChecks();
        PersonalData.Check(checks, ("title", "Jan 123456782"), ("summary", "Niets"), ("body", "111222333"));
        var refusal = Assert.Throws<RefusalException>(checks.ThrowIfAny).Refusal;

        Assert.Equal(ErrorReason.PersonalData, refusal.Reason);
        Assert.Equal(["title", "body"], refusal.Violations.Select(violation => violation.Field));
        var said = refusal.Message + string.Concat(refusal.Violations.Select(violation => violation.Description));
        Assert.DoesNotContain(said, char.IsDigit);
    }
}
