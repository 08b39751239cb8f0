using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Cli;

/// <summary>
/// Answers as JSON: messages of the contracts in their canonical form, a CloudEvent as it stands on the broker, everything
/// in camel case.
/// </summary>
internal static class AnswerJson
{
    public static readonly JsonSerializerOptions OneLine = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new EventConverter(), new MessageConverters() },
    };

    public static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>Zeros are written too: who reads <c>queueDepth</c> should not have to know that absent means none.</summary>
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private sealed class MessageConverters : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeof(IMessage).IsAssignableFrom(typeToConvert);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(MessageConverter<>).MakeGenericType(typeToConvert))!;
    }

    private sealed class MessageConverter<T> : JsonConverter<T> where T : IMessage
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => WriteParsed(writer, Formatter.Format(value));
    }

    private sealed class EventConverter : JsonConverter<CloudEvent>
    {
        public override CloudEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, CloudEvent value, JsonSerializerOptions options)
        {
            try
            {
                if (value.Data is null) throw new UnknownVersionException();
                WriteParsed(writer, System.Text.Encoding.UTF8.GetString(CloudEventJson.Write(value)));
            }
            catch (UnknownVersionException)
            {
                WriteOpaque(writer, value);
            }
        }

        /// <summary>Of a newer producer, or no event at all: the bytes as they are, the way CloudEvents carries what is no JSON.</summary>
        private static void WriteOpaque(Utf8JsonWriter writer, CloudEvent value)
        {
            writer.WriteStartObject();
            foreach (var field in CloudEvent.Descriptor.Fields.InFieldNumberOrder().Where(field => field.FieldType == Google.Protobuf.Reflection.FieldType.String))
            {
                if (field.Accessor.GetValue(value) is string { Length: > 0 } text) writer.WriteString(field.Name, text);
            }

            writer.WriteString("sequence", $"{value.Sequence}");
            if (value.Data is not null) writer.WriteString("data_base64", value.Data.Value.ToBase64());
            writer.WriteEndObject();
        }
    }

    /// <summary>Not as raw text, so that it is indented like what stands around it.</summary>
    private static void WriteParsed(Utf8JsonWriter writer, string json)
    {
        using var parsed = JsonDocument.Parse(json);
        parsed.RootElement.WriteTo(writer);
    }
}
