using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>Requests made from the descriptors and their rules, so that a new call or field is sent by being declared.</summary>
internal static class FilledRequest
{
    /// <summary>A message that keeps every field rule, with nothing in it that may be left out.</summary>
    public static IMessage Of(MessageDescriptor type, string municipality)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            var rule = field.GetOptions()?.GetExtension(RulesExtensions.Rule) ?? new FieldRule();
            // The items of a stream are checked one by one, each for its own answer. A fixed employment has a last day, and an
            // employer outside a sw-company a name.
            if (field.Name is not ("municipality" or "items" or "last_day" or "employer") && !rule.Required && rule.Min <= 0) continue;
            if (field.IsRepeated) ((System.Collections.IList)field.Accessor.GetValue(message)).Add(Value(field, rule, municipality));
            else field.Accessor.SetValue(message, Value(field, rule, municipality));
        }

        return message;
    }

    private static object Value(FieldDescriptor field, FieldRule rule, string municipality) => field.FieldType switch
    {
        FieldType.String => rule.Format switch
        {
            Format.Municipality => municipality,
            Format.Uuid => NewId(),
            Format.Bsn => "123456782",
            Format.Slug => "iets",
            Format.Oin => "00000001234567890000",
            _ => "tekst",
        },
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, 1),
        FieldType.Message when field.MessageType.FullName == Date.Descriptor.FullName => On(3, 1),
        FieldType.Message => Of(field.MessageType, municipality),
        FieldType.Bool => true,
        FieldType.Int32 => (int)Math.Max(1, rule.Min),
        FieldType.Int64 => Math.Max(1L, rule.Min),
        _ => throw new InvalidOperationException($"{field.FullName} has no value here."),
    };
}
