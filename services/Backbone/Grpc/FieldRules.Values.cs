using System.Buffers;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;
using Date = Google.Type.Date;

namespace BeschutWerk.Backbone.Grpc;

/// <content>What is wrong with one value, and what holds where a contract says nothing.</content>
public static partial class FieldRules
{
    private const int DefaultLength = 200;
    private const int DefaultItems = 1000;

    /// <summary>
    /// Characters that no text holds: all that control something, but those that part words and lines; also those that turn the direction
    /// of writing, by which a name shows as another one.
    /// </summary>
    private static readonly SearchValues<char> Controls = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl).Except(['\t', '\n', '\r']),
        .. "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069",
    ]);

    /// <summary>Most items of a list, by its rule.</summary>
    internal static int MostItems(FieldDescriptor field) =>
        field.GetOptions()?.GetExtension(RulesExtensions.Rule) is { MaxItems: > 0 } rule ? (int)rule.MaxItems : DefaultItems;

    /// <summary>What is wrong with a list of more items.</summary>
    internal static string TooMany(int most) => $"Holds more than {most} items.";

    /// <summary>Whether a message is of these contracts, so that its fields have rules.</summary>
    internal static bool IsOurs(MessageDescriptor message) => message.File.Package.StartsWith("beschutwerk.", StringComparison.Ordinal);

    private static int MostLength(FieldDescriptor field) =>
        field.GetOptions()?.GetExtension(RulesExtensions.Rule) is { MaxLength: > 0 } rule ? (int)rule.MaxLength
        : field.GetOptions()?.GetExtension(RulesExtensions.Rule) is { Format: Format.Token } ? 1000
        : DefaultLength;

    private static string? TextFault(string value, FieldRule rule, int longest)
    {
        if (value.Length == 0) return rule.Required ? "Must be given." : null;
        if (value.Length > longest) return $"Is longer than {longest} characters.";
        return rule.Format switch
        {
            Format.Unspecified when string.IsNullOrWhiteSpace(value) && rule.Required => "Must be given.",
            Format.Unspecified => value.AsSpan().ContainsAny(Controls) ? "Holds a control character." : null,
            Format.Municipality => TenantId.TryParse(value, out _) ? null : "Is no municipality code: GM and four digits.",
            Format.Uuid => IsUuid(value) ? null : "Is no UUID of 36 characters.",
            Format.Bsn => Bsn.IsValid(value) ? null : "Is no citizen service number: nine digits that pass the eleven-test.",
            Format.Slug => value.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_')
                ? null : "Holds more than lower-case letters, digits and hyphens.",
            Format.Oin => value.Length == 20 && value.All(char.IsAsciiDigit) ? null : "Is no OIN: twenty digits.",
            Format.Token => value.All(letter => letter is > ' ' and <= '~') ? null : "Is no token of this service.",
            _ => throw new InvalidOperationException($"Format {rule.Format} has no check."),
        };
    }

    /// <summary>Stricter than Guid, which takes blanks around it and signs in it; and never the nil UUID, which identifies nothing.</summary>
    private static bool IsUuid(string value) =>
        value.Length == 36 && value.All(letter => char.IsAsciiHexDigit(letter) || letter == '-')
        && Guid.TryParseExact(value, "D", out var id) && id != Guid.Empty;

    private static string? DateFault(Date value, FieldRule rule, DateOnly today) =>
        !Dates.IsDay(value) ? $"Is no day of the calendar from {Dates.First.Year} to {Dates.Last.Year}."
        : rule.NotInFuture && value.ToDateOnly() > today ? "Lies in the future."
        : null;

    private static string? NumberFault(long value, FieldRule rule)
    {
        if (rule.HasMin && value < rule.Min) return $"Is less than {rule.Min}.";
        if (rule.HasMax && value > rule.Max) return $"Is more than {rule.Max}.";
        return null;
    }
}
