using System.Collections;
using BeschutWerk.Backbone.Store;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Events;

/// <summary>An event holds a type, field or value that this program does not know.</summary>
public sealed class UnknownVersionException : Exception;

/// <summary>Reads the data of events, and notices what a newer producer added.</summary>
public static class EventReading
{
    /// <summary>The event's message.</summary>
    /// <exception cref="UnknownVersionException">It holds a field or enum value that this program does not know.</exception>
    /// <exception cref="InvalidProtocolBufferException">It cannot be read at all.</exception>
    public static IMessage Read(EventType type, ByteString data)
    {
        var known = type.Message.Parser.WithDiscardUnknownFields(true).ParseFrom(data);
        if (known.CalculateSize() != data.Length && HasUnknownFields(type, data, known)) throw new UnknownVersionException();
        if (HasUnknownValues(known)) throw new UnknownVersionException();
        return known;
    }

    // Not every producer writes the bytes that we would write: compare what is left, not only the length.
    private static bool HasUnknownFields(EventType type, ByteString data, IMessage known) =>
        type.Message.Parser.ParseFrom(data).CalculateSize() != known.CalculateSize();

    private static bool HasUnknownValues(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType is not (FieldType.Enum or FieldType.Message) || field.IsMap) continue;
            var value = field.Accessor.GetValue(message);
            if (value is IList items)
            {
                foreach (var item in items)
                {
                    if (IsUnknown(field, item)) return true;
                }
            }
            else if (IsUnknown(field, value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsUnknown(FieldDescriptor field, object? value) => value switch
    {
        null => false,
        IMessage nested => HasUnknownValues(nested),
        _ => field.EnumType.FindValueByNumber(Convert.ToInt32(value)) is null,
    };
}
