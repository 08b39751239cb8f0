using System.Collections;
using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.AnyInput;

/// <summary>
/// Any request of a call: one that may be right, with up to two fields at the edge of what the wire can carry. It is made from the
/// descriptors and their rules, so that a new field is sent by being declared.
/// </summary>
/// <param name="random">Decides; the same seed makes the same request of the same known values.</param>
/// <param name="known">Ids and tokens that exist.</param>
internal sealed class AnyRequest(Random random, KnownValues known)
{
    private static readonly FieldRule NoRule = new();

    private static readonly string[] Texts =
    [
        "", " ", "\t\r\n", "\0", "een\0twee", "\u001b[2J", "\u0085", "\u202egnireps", "\u200b", "\ufeff", "\ufffd", "\uffff",
        "e\u0301\u0301\u0301", "\U0001F600",
        "'; DROP TABLE cases; --", "%", "_", "*", "\"", "\"\"", "(", "NEAR", "a OR b", "NULL", "-1", "0", "NaN", "1e309", "0.0000001",
        "999999999999.999999",
        "99999999999999999999", "../../platform", "/", "\\", "GM0000", "GM9999", "gm0363", "GM0363 ",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF", "111222333", "AAAA", "fHw", "a|b|c", "https://[",
        "https://user@host/", "file:///etc",
        new('x', 199), new('x', 200), new('x', 201), new('\U0000e000', 500), new('x', 5000), new('9', 400_000),
    ];

    private static readonly long[] Numbers =
    [
        long.MinValue, int.MinValue, -1, 0, 1, 2, 35, 36, 500, 501, 1000, 1001, 2017, 2100, 2101, 2400, 2401, 100_001, int.MaxValue,
        9_007_199_254_740_992, long.MaxValue,
    ];

    private static readonly Date[] Days =
    [
        new(), Day(1, 1, 1), Day(9999, 12, 31), Day(10_000, 1, 1), Day(2018, 2, 30), Day(2018, 0, 0), Day(2018, 13, 1), Day(-1, 1, 1),
        Day(int.MaxValue, int.MaxValue, int.MaxValue), Day(int.MinValue, 1, 1), Day(1899, 12, 31), Day(1900, 1, 1), Day(2199, 12, 31),
        Day(2200, 1, 1), Day(2016, 2, 29), Day(2015, 1, 1), Day(2017, 1, 1), Day(2100, 12, 31),
    ];

    private static readonly Timestamp[] Instants =
    [
        new(), new() { Seconds = long.MinValue, Nanos = int.MinValue }, new() { Seconds = long.MaxValue, Nanos = int.MaxValue },
        new() { Nanos = -1 }, new() { Nanos = 1_000_000_000 }, new() { Seconds = -62_135_596_800 }, new() { Seconds = 253_402_300_799, Nanos = 999_999_999 },
        new() { Seconds = -62_135_596_801 }, new() { Seconds = 253_402_300_800 }, new() { Seconds = -2_208_988_800 },
        new() { Seconds = 7_258_118_399, Nanos = 999_999_999 },
    ];

    /// <summary>Text that is no UTF-8, a list without end, a group, a field without a number, half a length.</summary>
    private static readonly byte[][] Tails = [[0x0A, 0x02, 0xC3, 0x28], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x0B], [0x00], [0x0A, 0xFF]];

    /// <summary>The bytes of a request; now and then of what is none.</summary>
    public (IMessage Request, byte[] Bytes) Of(MessageDescriptor type)
    {
        var request = Likely(type);
        for (var strange = Any(0, 0, 1, 1, 1, 2); strange > 0; strange--) Distort(request);
        var bytes = request.ToByteArray();
        return (request, random.Next(12) == 0 ? Mangled(bytes) : bytes);
    }

    private byte[] Mangled(byte[] bytes)
    {
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                var garbage = new byte[random.Next(200)];
                random.NextBytes(garbage);
                return garbage;
            case 2:
                return [.. bytes, .. Any(Tails)];
            default:
                if (bytes.Length > 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    /// <summary>A request that keeps every rule of a field, whatever it then is for the call.</summary>
    private IMessage Likely(MessageDescriptor type)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            var rule = RuleOf(field);
            // Most tokens are of another list or filter.
            if (!rule.Required && rule.Min <= 0 && random.Next(rule.Format == Format.Token ? 4 : 2) > 0) continue;
            if (!field.IsRepeated) field.Accessor.SetValue(message, LikelyValue(field, rule));
            else for (var items = random.Next(1, 4); items > 0; items--) ItemsOf(field, message).Add(LikelyValue(field, rule));
        }

        return message;
    }

    private object LikelyValue(FieldDescriptor field, FieldRule rule) => field.FieldType switch
    {
        FieldType.String => LikelyText(field.Name, rule),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => (int)LikelyNumber(rule),
        FieldType.Int64 => LikelyNumber(rule),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, Any(field.EnumType.Values.Skip(1).ToArray()).Number),
        FieldType.Message when field.MessageType == Date.Descriptor => new DateOnly(2016, 1, 1).AddDays(random.Next(1095)).ToDate(),
        FieldType.Message when field.MessageType == Timestamp.Descriptor =>
            Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-random.Next(100))),
        FieldType.Message => Likely(field.MessageType),
        _ => throw new InvalidOperationException($"How {field.FullName} looks must be added here."),
    };

    private string LikelyText(string name, FieldRule rule) => (name, rule.Format) switch
    {
        ("request_id", _) => NewUuid(),
        ("service", _) => Any([.. PlatformServices.Names]),
        ("url", _) => "https://ontvanger.invalid/haak",
        ("types", _) => Any("case-opened", "advice-issued", "placements-reported"),
        ("value" or "rounding_step", _) => Any("1", "100", "0.1", "12.5"),
        (_, Format.Municipality) => Any(Amsterdam, Amsterdam, Amsterdam, Amsterdam, Utrecht, Terschelling, "GM0518"),
        (_, Format.Bsn) => Any("123456782", "111222333", "999999990"),
        (_, Format.Oin) => "00000001234567890000",
        (_, Format.Uuid or Format.Slug or Format.Token) => known.Any(name, random) ?? (rule.Format == Format.Uuid ? NewUuid() : "x"),
        _ => Any("tekst", "Een tekst met spaties.", "regel één\nregel twee"),
    };

    private long LikelyNumber(FieldRule rule) => rule.Min + random.NextInt64(Math.Min(rule.Max - rule.Min, 2400) + 1);

    /// <summary>Gives one field, at any depth, a value from the edge.</summary>
    private void Distort(IMessage message)
    {
        var field = Any(message.Descriptor.Fields.InFieldNumberOrder().ToArray());
        if (field.IsRepeated) DistortItems(field, ItemsOf(field, message));
        else if (field.FieldType != FieldType.Message) field.Accessor.SetValue(message, Edge(field));
        else if (IsValue(field.MessageType)) SetOrClear(field, message, () => Edge(field));
        else if (field.Accessor.GetValue(message) is IMessage nested && random.Next(3) > 0) Distort(nested);
        else SetOrClear(field, message, () => field.MessageType.Parser.ParseFrom(ByteString.Empty));
    }

    private void SetOrClear(FieldDescriptor field, IMessage message, Func<object> value)
    {
        if (random.Next(3) == 0) field.Accessor.Clear(message);
        else field.Accessor.SetValue(message, value());
    }

    private void DistortItems(FieldDescriptor field, IList items)
    {
        var isMessage = field.FieldType == FieldType.Message && !IsValue(field.MessageType);
        switch (random.Next(4))
        {
            case 0:
                items.Clear();
                break;
            case 1 when items.Count > 0:
                // Twice the same, of which a set or key may make one.
                items.Add(items[0]);
                break;
            case 2:
                for (var more = Any(10, 50, 100, 500, 1000) + 1; more > 0; more--)
                {
                    items.Add(isMessage ? field.MessageType.Parser.ParseFrom(ByteString.Empty) : LikelyValue(field, RuleOf(field)));
                }

                break;
            default:
                if (!isMessage) items.Add(Edge(field));
                else if (items.Count > 0) Distort((IMessage)items[random.Next(items.Count)]!);
                break;
        }
    }

    private object Edge(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => random.Next(8) == 0 ? Noise() : Any(Texts),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => (int)Math.Clamp(Any(Numbers), int.MinValue, int.MaxValue),
        FieldType.Int64 => Any(Numbers),
        FieldType.Enum => System.Enum.ToObject(
            field.EnumType.ClrType, Any(0, -1, field.EnumType.Values.Count, 999, int.MaxValue, int.MinValue)),
        _ => field.MessageType == Date.Descriptor ? Any(Days) : Any(Instants),
    };

    private string Noise()
    {
        var noise = new StringBuilder();
        for (var letters = random.Next(300); letters > 0; letters--)
        {
            var letter = (char)random.Next(0x10000);
            if (!char.IsSurrogate(letter)) noise.Append(letter);
        }

        return noise.ToString();
    }

    private string NewUuid()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString("D");
    }

    private T Any<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private static bool IsValue(MessageDescriptor type) => type == Date.Descriptor || type == Timestamp.Descriptor;

    private static IList ItemsOf(FieldDescriptor field, IMessage message) => (IList)field.Accessor.GetValue(message);

    private static FieldRule RuleOf(FieldDescriptor field) => field.GetOptions()?.GetExtension(RulesExtensions.Rule) ?? NoRule;

    private static Date Day(int year, int month, int day) => new() { Year = year, Month = month, Day = day };
}
