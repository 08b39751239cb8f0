using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Platform.Tests.AnyInput;

/// <summary>Ids and tokens that the platform gave out, by the name of the field in which it takes them.</summary>
internal sealed class KnownValues
{
    private const int MostOfOne = 200;

    // A restore with one would take back what others just did, and the log that is looked through.
    private static readonly string[] NotLearnt = ["backup_id", "request_id"];

    private readonly Dictionary<string, List<string>> _values = [];

    /// <summary>One of a field's known values; null when there is none.</summary>
    public string? Any(string field, Random random)
    {
        lock (_values) return _values.TryGetValue(field, out var values) ? values[random.Next(values.Count)] : null;
    }

    public void Add(string field, string value)
    {
        lock (_values)
        {
            if (!_values.TryGetValue(field, out var values)) _values.Add(field, values = []);
            if (values.Count < MostOfOne && !values.Contains(value)) values.Add(value);
        }
    }

    /// <summary>Remembers what an answer names.</summary>
    public void Learn(IMessage answer)
    {
        foreach (var field in answer.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(answer);
            if (value is IMessage nested) Learn(nested);
            else if (value is IList items) foreach (var item in items.OfType<IMessage>().Take(3)) Learn(item);
            else if (field.FieldType == FieldType.String && value is string { Length: > 0 } text) LearnText(field, text);
        }
    }

    private void LearnText(FieldDescriptor field, string text)
    {
        var name = field.ContainingType.Name == "CloudEvent" && field.Name == "id" ? "event_id" : field.Name switch
        {
            "next_page_token" => "page_token",
            "resume_token" => "after",
            _ => field.Name,
        };
        var isId = name.EndsWith("_id", StringComparison.Ordinal) && !NotLearnt.Contains(name);
        if (isId || name is "page_token" or "after") Add(name, text);
    }
}
