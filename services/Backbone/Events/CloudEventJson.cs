using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Backbone.Events;

/// <summary>
/// A CloudEvent as JSON (structured mode, NL GOV profile): what stands on RabbitMQ and in webhooks. The data is canonical
/// proto JSON by protobuf's own classes; System.Text.Json would lose the lists of generated messages.
/// </summary>
public static class CloudEventJson
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/cloudevents+json";

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default);
    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes an event of a type that this program knows.</summary>
    public static byte[] Write(CloudEvent cloudEvent)
    {
        var type = (EventTypes.NameOf(cloudEvent.Type) is { } name ? EventTypes.Find(name) : null) ?? throw new UnknownVersionException();
        var buffer = new ArrayBufferWriter<byte>(512 + (cloudEvent.Data.Value.Length * 4));
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", cloudEvent.Id);
        json.WriteString("source", cloudEvent.Source);
        json.WriteString("type", cloudEvent.Type);
        json.WriteString("subject", cloudEvent.Subject);
        json.WriteString("time", cloudEvent.Time.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("sequence", cloudEvent.Sequence.ToString(CultureInfo.InvariantCulture));
        json.WriteString("sequencetype", "Integer");
        WriteUnlessEmpty(json, "gemeentecode", cloudEvent.Gemeentecode);
        WriteUnlessEmpty(json, "traceparent", cloudEvent.Traceparent);
        WriteUnlessEmpty(json, "actor", cloudEvent.Actor);
        json.WriteString("datacontenttype", "application/json");
        json.WritePropertyName("data");
        json.WriteRawValue(Formatter.Format(type.Parse(cloudEvent.Data.Value)), skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an event. Its <c>Data</c> is null when this program does not know its type, a field or a value.</summary>
    /// <exception cref="FormatException">It is no CloudEvent of this platform.</exception>
    public static CloudEvent Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var read = new CloudEvent
            {
                Id = Required(root, "id"),
                Source = Required(root, "source"),
                Type = Required(root, "type"),
                Subject = Required(root, "subject"),
                Time = Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(Required(root, "time"), CultureInfo.InvariantCulture)),
                Sequence = long.Parse(Required(root, "sequence"), NumberStyles.None, CultureInfo.InvariantCulture),
                Gemeentecode = Optional(root, "gemeentecode"),
                Traceparent = Optional(root, "traceparent"),
                Actor = Optional(root, "actor"),
            };
            if (!Guid.TryParseExact(read.Id, "D", out _)) throw new FormatException("The id is no UUID.");
            read.Data = DataOf(read.Type, root);
            return read;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new FormatException("It is no CloudEvent.", error);
        }
    }

    private static Any? DataOf(string cloudType, JsonElement root)
    {
        if ((EventTypes.NameOf(cloudType) is { } name ? EventTypes.Find(name) : null) is not { } type) return null;
        try
        {
            var message = Parser.Parse(root.GetProperty("data").GetRawText(), type.Message);
            return new Any { TypeUrl = type.TypeUrl, Value = message.ToByteString() };
        }
        catch (Exception error) when (error is IOException or KeyNotFoundException)
        {
            // A field or value of a newer producer, or a text that is none; both are IOExceptions. The producer's log has it in full.
            return null;
        }
    }

    private static string Required(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : throw new FormatException($"It has no {name}.");

    private static string Optional(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static void WriteUnlessEmpty(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0) json.WriteString(name, value);
    }
}
