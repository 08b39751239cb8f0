using System.Buffers;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The lists of a request, counted in its bytes. One that is longer than its rule allows is refused before it is built: an item
/// takes two bytes of a request, and a hundred of memory.
/// </summary>
internal sealed class ListLimits
{
    private readonly List<(string Path, int Most)> _lists = [];
    private readonly Dictionary<uint, Field> _root;

    private ListLimits(MessageDescriptor request) => _root = FieldsOf(request, "");

    /// <summary>The limits of a kind of request; null when it holds no list.</summary>
    public static ListLimits? Of(MessageDescriptor request) => new ListLimits(request) is { _lists.Count: > 0 } limits ? limits : null;

    /// <summary>Why the request is refused; null when its lists are as long as they may be.</summary>
    public Refusal? Check(in ReadOnlySequence<byte> request)
    {
        Span<int> counts = stackalloc int[_lists.Count];
        var reader = new SequenceReader<byte>(request);
        // What cannot be counted must not reach the parser, which builds a list up to where it fails.
        if (!TryCount(ref reader, reader.Length, _root, counts)) return Refusal.Unreadable();
        List<FieldViolation>? violations = null;
        for (var i = 0; i < counts.Length; i++)
        {
            var (path, most) = _lists[i];
            if (counts[i] > most) (violations ??= []).Add(new FieldViolation { Field = path, Description = FieldRules.TooMany(most) });
        }

        return violations is null ? null : Refusal.Fields(violations);
    }

    private static bool TryCount(ref SequenceReader<byte> reader, long end, Dictionary<uint, Field> fields, scoped Span<int> counts)
    {
        while (reader.Consumed < end)
        {
            if (!TryReadNumber(ref reader, out var tag)) return false;
            fields.TryGetValue((uint)tag >> 3, out var field);
            var counted = field is { List: { } list } ? list : -1;
            switch (tag & 7)
            {
                case 0:
                    if (!TryReadNumber(ref reader, out _)) return false;
                    break;
                case 1:
                    if (!TrySkip(ref reader, 8, end)) return false;
                    break;
                case 2:
                    if (!TryReadNumber(ref reader, out var length) || length > (ulong)(end - reader.Consumed)) return false;
                    var next = reader.Consumed + (long)length;
                    if (field is { Within: { } within } && !TryCount(ref reader, next, within, counts)) return false;
                    if (field is { IsPacked: true })
                    {
                        counts[counted] += NumbersIn(reader.UnreadSequence.Slice(0, (long)length));
                        counted = -1;
                    }

                    reader.Advance(next - reader.Consumed);
                    break;
                case 5:
                    if (!TrySkip(ref reader, 4, end)) return false;
                    break;
                default:
                    // Groups are of another time; no message of ours has one.
                    return false;
            }

            if (counted >= 0) counts[counted]++;
        }

        return reader.Consumed == end;
    }

    private static bool TrySkip(ref SequenceReader<byte> reader, int bytes, long end)
    {
        if (end - reader.Consumed < bytes) return false;
        reader.Advance(bytes);
        return true;
    }

    private static bool TryReadNumber(ref SequenceReader<byte> reader, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!reader.TryRead(out var part)) return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return true;
        }

        return false;
    }

    /// <summary>Each number of a packed list ends with its only byte below 0x80.</summary>
    private static int NumbersIn(in ReadOnlySequence<byte> packed)
    {
        var numbers = 0;
        foreach (var part in packed)
        {
            foreach (var one in part.Span) numbers += one < 0x80 ? 1 : 0;
        }

        return numbers;
    }

    private Dictionary<uint, Field> FieldsOf(MessageDescriptor message, string path)
    {
        var fields = new Dictionary<uint, Field>();
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            var holdsFields = field.FieldType == FieldType.Message && FieldRules.IsOurs(field.MessageType);
            var within = holdsFields ? FieldsOf(field.MessageType, $"{path}{field.Name}.") : [];
            if (field.IsRepeated)
            {
                if (within.Count > 0) throw new InvalidOperationException($"A list in the items of {field.FullName} has no limit.");
                _lists.Add((path + field.Name, FieldRules.MostItems(field)));
                fields.Add((uint)field.FieldNumber, new Field(_lists.Count - 1, field.FieldType == FieldType.Enum, null));
            }
            else if (within.Count > 0)
            {
                fields.Add((uint)field.FieldNumber, new Field(null, false, within));
            }
        }

        return fields;
    }

    /// <summary>A field that is a list, or a message that holds some.</summary>
    /// <param name="List">Which of the lists it is; null when it is none.</param>
    /// <param name="IsPacked">Whether its items are numbers, which may come together.</param>
    /// <param name="Within">The fields of the message.</param>
    private sealed record Field(int? List, bool IsPacked, Dictionary<uint, Field>? Within);
}
