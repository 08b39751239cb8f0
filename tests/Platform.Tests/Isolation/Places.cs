using System.Collections;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>A field of a request, at any depth, that names something.</summary>
/// <param name="Path">The fields that lead to it; of a list the first item is meant.</param>
/// <param name="Field">What it names, such as <c>case_id</c>.</param>
internal sealed record Place(IReadOnlyList<FieldDescriptor> Path, string Field)
{
    public string Name => string.Join('.', Path.Select(step => step.Name));

    public void Set(IMessage request, string value)
    {
        var message = request;
        foreach (var field in Path.SkipLast(1)) message = Step(message, field);
        var last = Path[^1];
        if (!last.IsRepeated)
        {
            last.Accessor.SetValue(message, value);
            return;
        }

        var items = (IList)last.Accessor.GetValue(message);
        items.Clear();
        items.Add(value);
    }

    private static IMessage Step(IMessage message, FieldDescriptor field)
    {
        var value = field.Accessor.GetValue(message);
        if (value is IMessage nested) return nested;
        var made = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        if (value is not IList items) field.Accessor.SetValue(message, made);
        else if (items.Count > 0) return (IMessage)items[0]!;
        else items.Add(made);
        return made;
    }
}

/// <summary>The places of a request in which a caller can name what is another's.</summary>
internal static class Places
{
    /// <summary>What names nothing that is anybody's: companies, figures and services are no secret, backups are the operators'.</summary>
    private static readonly string[] Nobodys = ["company_id", "figure_id", "service", "trace_id", "backup_id"];

    private static readonly Dictionary<string, string> Same = new()
    {
        ["join_case_id"] = "case_id", ["swap_with_case_id"] = "case_id", ["requester_reference"] = "case_id",
        ["previous_advice_request_id"] = "advice_request_id", ["advice_request_ids"] = "advice_request_id",
        ["moved_to"] = "municipality", ["successor"] = "municipality", ["ids"] = "event_id",
    };

    private static readonly string[] Known =
    [
        "municipality", "request_id", "case_id", "offer_id", "placement_id", "advice_request_id", "practice_id", "webhook_id", "event_id",
        "page_token", "after",
    ];

    public static IReadOnlyList<Place> Of(MessageDescriptor type) => [.. Of(type, [])];

    private static IEnumerable<Place> Of(MessageDescriptor type, IReadOnlyList<FieldDescriptor> path)
    {
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            IReadOnlyList<FieldDescriptor> here = [.. path, field];
            if (field.FieldType == FieldType.Message && field.MessageType != Date.Descriptor)
            {
                foreach (var deeper in Of(field.MessageType, here)) yield return deeper;
            }
            else if (field.FieldType == FieldType.String && Names(field))
            {
                var name = Same.GetValueOrDefault(field.Name, field.Name);
                if (!Known.Contains(name)) throw new InvalidOperationException($"{field.FullName} names something: whose is it? Add it here.");
                yield return new Place(here, name);
            }
        }
    }

    private static bool Names(FieldDescriptor field)
    {
        var format = (field.GetOptions()?.GetExtension(RulesExtensions.Rule) ?? new FieldRule()).Format;
        return format is Format.Municipality or Format.Uuid or Format.Token
            || (format == Format.Slug && !Nobodys.Contains(field.Name));
    }

    /// <summary>A request that breaks no rule of its fields and names nothing that there is.</summary>
    public static IMessage Request(MethodDescriptor method, Who who, string municipality, params IReadOnlyList<Place> tried)
    {
        var request = FilledRequest.Of(method.InputType, municipality);
        BaseRequests.Adjust(method, who, request, tried);
        return request;
    }
}
