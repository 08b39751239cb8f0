using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using Google.Protobuf.WellKnownTypes;
using Date = Google.Type.Date;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>Every rule that a contract can state is checked, at any depth, and all violations come at once.</summary>
public sealed class FieldRulesTests
{
    private static readonly DateOnly Today = new(2018, 6, 15);
    private const string Uuid = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

    [Fact]
    public void A_request_that_keeps_every_rule_passes() => Assert.Empty(Faults(_ => { }));

    [Theory]
    [InlineData("GM0363", true)]
    [InlineData("", true)] // not required
    [InlineData("GM363", false)]
    [InlineData("GM03630", false)]
    [InlineData("gm0363", false)]
    [InlineData("GM036X", false)]
    [InlineData("GM\u0661\u0662\u0663\u0664", false)] // digits, but of another script
    [InlineData("../GM0", false)]
    [InlineData(" GM0363", false)]
    public void Municipality(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Municipality = text).Count == 0);

    [Theory]
    [InlineData(Uuid, true)]
    [InlineData("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", true)]
    [InlineData("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", false)]
    [InlineData("{0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}", false)]
    [InlineData(" 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5", false)]
    [InlineData("+190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", false)]
    [InlineData("0x90a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", false)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)] // identifies nothing
    public void UuidFormat(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Uuid = text).Count == 0);

    [Theory]
    [InlineData("111222333", true)]
    [InlineData("123456782", true)]
    [InlineData("123456783", false)]
    [InlineData("11122233", false)]
    [InlineData("000000000", false)]
    public void BsnFormat(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Bsn = text).Count == 0);

    [Theory]
    [InlineData("sw-company_7", true)]
    [InlineData("Company", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    [InlineData("a/b", false)]
    public void Slug(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Slug = text).Count == 0);

    [Theory]
    [InlineData("00000099000000001000", true)]
    [InlineData("0000009900000000100", false)]
    [InlineData("0000009900000000100X", false)]
    public void Oin(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Oin = text).Count == 0);

    [Theory]
    [InlineData("bXVuaWNpcGFsaXRpZXM", true)]
    [InlineData("with blank", false)]
    [InlineData("line\n", false)]
    public void Token(string text, bool holds) => Assert.Equal(holds, Faults(r => r.Token = text).Count == 0);

    [Fact]
    public void A_token_may_be_longer_than_a_text_and_neither_is_endless()
    {
        Assert.Empty(Faults(r => r.Token = new string('a', 1000)));
        Assert.Equal(["token: Is longer than 1000 characters."], Faults(r => r.Token = new string('a', 1001)));
        Assert.Empty(Faults(r => r.Text = new string('a', 200)));
        Assert.Equal(["text: Is longer than 200 characters."], Faults(r => r.Text = new string('a', 201)));
        Assert.Equal(["short: Is longer than 3 characters."], Faults(r => r.Short = "four"));
    }

    [Fact]
    public void Numbers_have_bounds_that_belong_to_them()
    {
        Assert.Empty(Faults(r => r.Few = 1));
        Assert.Empty(Faults(r => r.Few = 40));
        Assert.Equal(["few: Is less than 1."], Faults(r => r.Few = 0));
        Assert.Equal(["few: Is more than 40."], Faults(r => r.Few = 41));
        Assert.Empty(Faults(r => r.Many = 5_000_000_000));
        Assert.Equal(["many: Is more than 5000000000."], Faults(r => r.Many = 5_000_000_001));
        Assert.Equal(["many: Is less than -5."], Faults(r => r.Many = -6));
        // One that is optional has a bound when it is given.
        Assert.Empty(Faults(r => r.ClearMaybe()));
        Assert.Equal(["maybe: Is less than 1."], Faults(r => r.Maybe = 0));
    }

    [Fact]
    public void Dates_are_days_of_the_calendar_and_of_the_past_where_they_record_something()
    {
        Assert.Empty(Faults(r => r.Day = Day(1900, 1, 1)));
        Assert.Empty(Faults(r => r.Day = Day(2199, 12, 31)));
        Assert.Single(Faults(r => r.Day = Day(1899, 12, 31)));
        Assert.Single(Faults(r => r.Day = Day(2200, 1, 1)));
        Assert.Single(Faults(r => r.Day = Day(int.MaxValue, int.MinValue, 1)));
        Assert.Equal(["day: Is no day of the calendar from 1900 to 2199."], Faults(r => r.Day = Day(2018, 2, 29)));
        Assert.Empty(Faults(r => r.Day = Day(2016, 2, 29)));
        Assert.Equal(["day: Is no day of the calendar from 1900 to 2199."], Faults(r => r.Day = Day(2018, 13, 1)));
        Assert.Equal(["day: Is no day of the calendar from 1900 to 2199."], Faults(r => r.Day = Day(2018, 6, 0))); // a month
        Assert.Equal(["day: Is no day of the calendar from 1900 to 2199."], Faults(r => r.Day = new Date()));
        Assert.Empty(Faults(r => r.Past = Today.ToDate()));
        Assert.Equal(["past: Lies in the future."], Faults(r => r.Past = Today.AddDays(1).ToDate()));
        Assert.Equal(["past: Must be given."], Faults(r => r.Past = null));
    }

    [Fact]
    public void Instants_lie_in_years_that_can_be_meant()
    {
        var (first, behind) = (SecondsOf(1900), SecondsOf(2200));
        Assert.Empty(Faults(r => r.At = new Timestamp { Seconds = first }));
        Assert.Empty(Faults(r => r.At = new Timestamp { Seconds = behind - 1, Nanos = 999_999_999 }));
        foreach (var strange in new[] { first - 1, behind, long.MinValue, long.MaxValue })
        {
            Assert.Equal(["at: Is no instant from 1900 to 2199."], Faults(r => r.At = new Timestamp { Seconds = strange }));
        }

        Assert.Single(Faults(r => r.At = new Timestamp { Nanos = -1 }));
        Assert.Single(Faults(r => r.At = new Timestamp { Nanos = 1_000_000_000 }));
    }

    [Fact]
    public void A_text_controls_nothing()
    {
        Assert.Empty(Faults(r => r.Text = "Regel één\r\n\tregel twee \U0001F600"));
        foreach (var strange in new[] { "\0", "een\0twee", "\u001b[2J", "\u007f", "\u0085", "Jan\u202Enesnaj", "\u2066Jan\u2069" })
        {
            Assert.Equal(["text: Holds a control character."], Faults(r => r.Text = strange));
        }
    }

    [Fact]
    public void Enums_hold_values_that_are_known()
    {
        Assert.Empty(Faults(r => r.Shade = Shade.Unspecified));
        Assert.Equal(["shade: Is no value that this service knows."], Faults(r => r.Shade = (Shade)7));
        Assert.Equal(["chosen: Must be given."], Faults(r => r.Chosen = Shade.Unspecified));
        Assert.Equal(["shades[1]: Is no value that this service knows."], Faults(r => r.Shades.AddRange([Shade.Light, (Shade)7])));
        Assert.Equal(["shades[0]: Is no value that this service knows."], Faults(r => r.Shades.Add(Shade.Unspecified)));
    }

    [Fact]
    public void What_is_required_is_there_and_says_something()
    {
        Assert.Equal(["needed: Must be given."], Faults(r => r.Needed = ""));
        Assert.Equal(["needed: Must be given."], Faults(r => r.Needed = " \t"));
        // No is an answer, too.
        Assert.Equal(["yes: Must be given."], Faults(r => r.ClearYes()));
        Assert.Equal(["holder: Must be given."], Faults(r => r.Holder = null));
        Assert.Equal(["items: Must hold at least one item."], Faults(r => r.Items.Clear()));
    }

    [Fact]
    public void Paths_lead_into_messages_and_lists()
    {
        Assert.Equal(["holder.uuid: Must be given."], Faults(r => r.Holder.Uuid = ""));
        Assert.Equal(["items[1].uuid: Is no UUID of 36 characters."], Faults(r => r.Items.Add(new Holder { Uuid = "x" })));
        Assert.Equal(["codes[2]: Is no municipality code: GM and four digits."], Faults(r => r.Codes.AddRange(["GM0363", "GM0599", "x"])));
        Assert.Equal(["days[1]: Lies in the future."], Faults(r => r.Days.AddRange([Day(2018, 1, 1), Day(2019, 1, 1)])));
        Assert.Equal(["days[0]: Is no day of the calendar from 1900 to 2199."], Faults(r => r.Days.Add(Day(2018, 2, 30))));
        Assert.Equal(["inner.holder.uuid: Is no UUID of 36 characters."], Faults(r =>
        {
            r.Inner = Good();
            r.Inner.Holder.Uuid = "x";
        }));
        Assert.Equal(["left: Holds more than lower-case letters, digits and hyphens."], Faults(r => r.Left = "A B"));
        Assert.Equal(["right.uuid: Must be given."], Faults(r => r.Right = new Holder()));
    }

    [Fact]
    public void A_list_that_is_too_long_is_not_walked_through()
    {
        var faults = Faults(r => r.Items.AddRange(Enumerable.Range(0, 500).Select(_ => new Holder())));
        Assert.Equal(["items: Holds more than 3 items."], faults);
        Assert.Equal(["codes: Holds more than 1000 items."], Faults(r => r.Codes.AddRange(Enumerable.Repeat("x", 1001))));
    }

    [Fact]
    public void A_required_code_in_a_list_is_not_empty() =>
        Assert.Equal(["codes[0]: Must be given."], Faults(r => r.Codes.Add("")));

    [Fact]
    public void All_violations_come_at_once_in_the_order_of_the_fields()
    {
        var faults = FieldRules.Check(new Ruled { Municipality = "x", Few = 41, Holder = new Holder() }, Today).Select(fault => fault.Field);
        Assert.Equal(["municipality", "needed", "few", "past", "chosen", "holder.uuid", "items", "yes"], faults);
    }

    [Fact]
    public void No_violation_repeats_what_was_sent()
    {
        var faults = Faults(r => (r.Bsn, r.Slug, r.Token, r.Holder.Uuid) = ("123456789", "Kanarie", "Kanarie\n", "Kanarie"));
        Assert.Equal(4, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.Contains("123456789", StringComparison.Ordinal) || fault.Contains("Kanarie", StringComparison.Ordinal));
    }

    private static Ruled Good() => new()
    {
        Needed = "given", Few = 36, Past = Day(2018, 6, 14), Chosen = Shade.Light, Holder = new Holder { Uuid = Uuid }, Items = { new Holder { Uuid = Uuid } }, Maybe = 1, Yes = false,
    };

    private static long SecondsOf(int year) => new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static Date Day(int year, int month, int day) => new() { Year = year, Month = month, Day = day };

    private static List<string> Faults(Action<Ruled> change)
    {
        var request = Good();
        change(request);
        return [.. FieldRules.Check(request, Today).Select(fault => $"{fault.Field}: {fault.Description}")];
    }
}
