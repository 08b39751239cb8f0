using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Date = Google.Type.Date;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Checks a request against the field rules of its contract, all of them at once.</summary>
public static partial class FieldRules
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageCheck> Checks = new();

    /// <summary>What breaks a rule; empty when nothing does.</summary>
    /// <param name="message">The request, or one item of a stream.</param>
    /// <param name="today">The day in Europe/Amsterdam, for dates that may not lie in the future.</param>
    public static IReadOnlyList<FieldViolation> Check(IMessage message, DateOnly today)
    {
        var found = new Findings(today);
        Of(message.Descriptor).Check(message, "", ref found);
        return found.Violations ?? [];
    }

    private static MessageCheck Of(MessageDescriptor message) => Checks.GetOrAdd(message, type => new MessageCheck(type));

    private struct Findings(DateOnly today)
    {
        public DateOnly Today { get; } = today;

        public List<FieldViolation>? Violations { get; private set; }

        public void Add(string path, string field, string description) =>
            (Violations ??= []).Add(new FieldViolation { Field = path + field, Description = description });
    }

    private sealed class MessageCheck(MessageDescriptor message)
    {
        // Made at first use, not at construction: a message may hold itself.
        private readonly Lazy<FieldCheck[]> _fields = new(() => [.. message.Fields.InFieldNumberOrder().Select(FieldCheck.Of)]);

        public void Check(IMessage value, string path, ref Findings found)
        {
            foreach (var field in _fields.Value) field.Check(value, path, ref found);
        }
    }

    private abstract class FieldCheck(FieldDescriptor field)
    {
        private static readonly FieldRule None = new();

        protected FieldDescriptor Field { get; } = field;

        protected FieldRule Rule { get; } = field.GetOptions()?.GetExtension(RulesExtensions.Rule) ?? None;

        public static FieldCheck Of(FieldDescriptor field)
        {
            if (field.IsRepeated) return new ListCheck(field);
            return field.FieldType switch
            {
                FieldType.Message when field.MessageType.FullName == Date.Descriptor.FullName => Typed(typeof(DateCheck<>), field),
                FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName => Typed(typeof(InstantCheck<>), field),
                FieldType.Message => new NestedCheck(field),
                FieldType.Enum => Typed(typeof(EnumCheck<,>), field, field.EnumType.ClrType),
                FieldType.String => Typed(typeof(TextCheck<>), field),
                FieldType.Int32 when !field.HasPresence => Typed(typeof(Int32Check<>), field),
                FieldType.Int64 when !field.HasPresence => Typed(typeof(Int64Check<>), field),
                FieldType.Int32 or FieldType.Int64 or FieldType.Bool when field.HasPresence => new PresenceCheck(field),
                _ => new NoCheck(field),
            };
        }

        public abstract void Check(IMessage message, string path, ref Findings found);

        protected bool HasRule => Rule.CalculateSize() > 0;

        /// <summary>Better at the first call than a rule that nobody keeps.</summary>
        protected static InvalidOperationException Unchecked(FieldDescriptor field) =>
            new($"The rule of {field.FullName} has no check: not for {field.FieldType}.");

        private static FieldCheck Typed(Type check, FieldDescriptor field, params Type[] more) =>
            (FieldCheck)Activator.CreateInstance(check.MakeGenericType([field.ContainingType.ClrType, .. more]), field)!;
    }

    /// <summary>Reads the property by a typed delegate: the reflection of protobuf would box every value of every item.</summary>
    private abstract class FieldCheck<TMessage, TValue>(FieldDescriptor field) : FieldCheck(field)
        where TMessage : class, IMessage
    {
        private readonly Func<TMessage, TValue> _read = field.ContainingType.ClrType
            .GetProperty(field.PropertyName, BindingFlags.Public | BindingFlags.Instance)!.GetMethod!.CreateDelegate<Func<TMessage, TValue>>();

        public sealed override void Check(IMessage message, string path, ref Findings found) =>
            Check(_read((TMessage)message), path, ref found);

        protected abstract void Check(TValue value, string path, ref Findings found);
    }

    private sealed class TextCheck<TMessage>(FieldDescriptor field) : FieldCheck<TMessage, string>(field) where TMessage : class, IMessage
    {
        private readonly int _longest = MostLength(field);

        protected override void Check(string value, string path, ref Findings found)
        {
            if (TextFault(value, Rule, _longest) is { } fault) found.Add(path, Field.Name, fault);
        }
    }

    private sealed class Int32Check<TMessage>(FieldDescriptor field) : FieldCheck<TMessage, int>(field) where TMessage : class, IMessage
    {
        protected override void Check(int value, string path, ref Findings found)
        {
            if (NumberFault(value, Rule) is { } fault) found.Add(path, Field.Name, fault);
        }
    }

    private sealed class Int64Check<TMessage>(FieldDescriptor field) : FieldCheck<TMessage, long>(field) where TMessage : class, IMessage
    {
        protected override void Check(long value, string path, ref Findings found)
        {
            if (NumberFault(value, Rule) is { } fault) found.Add(path, Field.Name, fault);
        }
    }

    private sealed class EnumCheck<TMessage, TEnum>(FieldDescriptor field) : FieldCheck<TMessage, TEnum>(field)
        where TMessage : class, IMessage where TEnum : struct, Enum
    {
        private static readonly HashSet<TEnum> Known = [.. Enum.GetValues<TEnum>()];

        protected override void Check(TEnum value, string path, ref Findings found)
        {
            if (EqualityComparer<TEnum>.Default.Equals(value, default))
            {
                if (Rule.Required) found.Add(path, Field.Name, "Must be given.");
            }
            else if (!Known.Contains(value))
            {
                found.Add(path, Field.Name, "Is no value that this service knows.");
            }
        }
    }

    private sealed class DateCheck<TMessage>(FieldDescriptor field) : FieldCheck<TMessage, Date?>(field) where TMessage : class, IMessage
    {
        protected override void Check(Date? value, string path, ref Findings found)
        {
            if (value is not null)
            {
                if (DateFault(value, Rule, found.Today) is { } fault) found.Add(path, Field.Name, fault);
            }
            else if (Rule.Required)
            {
                found.Add(path, Field.Name, "Must be given.");
            }
        }
    }

    private sealed class InstantCheck<TMessage>(FieldDescriptor field) : FieldCheck<TMessage, Timestamp?>(field) where TMessage : class, IMessage
    {
        private static readonly long First = SecondsOf(Dates.First);
        private static readonly long Behind = SecondsOf(Dates.Last.AddDays(1));

        protected override void Check(Timestamp? value, string path, ref Findings found)
        {
            if (value is null)
            {
                if (Rule.Required) found.Add(path, Field.Name, "Must be given.");
            }
            else if (value.Nanos is < 0 or >= 1_000_000_000 || value.Seconds < First || value.Seconds >= Behind)
            {
                found.Add(path, Field.Name, $"Is no instant from {Dates.First.Year} to {Dates.Last.Year}.");
            }
        }

        private static long SecondsOf(DateOnly day) =>
            new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds();
    }

    /// <summary>A number or yes-or-no that may be absent, also as a choice of a oneof; bounds count when it is there.</summary>
    private sealed class PresenceCheck(FieldDescriptor field) : FieldCheck(field)
    {
        public override void Check(IMessage message, string path, ref Findings found)
        {
            if (!Field.Accessor.HasValue(message))
            {
                if (Rule.Required) found.Add(path, Field.Name, "Must be given.");
            }
            else if (Field.FieldType != FieldType.Bool && NumberFault(Convert.ToInt64(Field.Accessor.GetValue(message)), Rule) is { } fault)
            {
                found.Add(path, Field.Name, fault);
            }
        }
    }

    private sealed class NestedCheck(FieldDescriptor field) : FieldCheck(field)
    {
        private readonly bool _ours = IsOurs(field.MessageType);

        public override void Check(IMessage message, string path, ref Findings found)
        {
            if (Field.Accessor.GetValue(message) is IMessage nested)
            {
                if (_ours) FieldRules.Of(Field.MessageType).Check(nested, $"{path}{Field.Name}.", ref found);
            }
            else if (Rule.Required)
            {
                found.Add(path, Field.Name, "Must be given.");
            }
        }
    }

    private sealed class ListCheck : FieldCheck
    {
        private readonly int _most;
        private readonly int _longest;

        public ListCheck(FieldDescriptor field)
            : base(field)
        {
            (_most, _longest) = (MostItems(field), MostLength(field));
            var isChecked = !field.IsMap && field.FieldType switch
            {
                FieldType.String or FieldType.Enum => true,
                FieldType.Message => field.MessageType == Date.Descriptor || IsOurs(field.MessageType),
                _ => false,
            };
            if (!isChecked && HasRule) throw Unchecked(field);
        }

        public override void Check(IMessage message, string path, ref Findings found)
        {
            if (Field.IsMap || Field.Accessor.GetValue(message) is not IList items) return;
            if (items.Count == 0 && Rule.Required) found.Add(path, Field.Name, "Must hold at least one item.");
            if (items.Count > _most)
            {
                found.Add(path, Field.Name, TooMany(_most));
                return;
            }

            for (var i = 0; i < items.Count; i++)
            {
                if (items[i] is IMessage item and not Date) FieldRules.Of(item.Descriptor).Check(item, $"{path}{Field.Name}[{i}].", ref found);
                else if (ItemFault(items[i], found.Today) is { } fault) found.Add(path, $"{Field.Name}[{i}]", fault);
            }
        }

        private string? ItemFault(object? item, DateOnly today) => item switch
        {
            Date day => DateFault(day, Rule, today),
            // Nothing, as an item, says nothing.
            string { Length: 0 } => "Must be given.",
            string text => TextFault(text, Rule, _longest),
            Enum value when Convert.ToInt32(value) == 0 || !Enum.IsDefined(value.GetType(), value) => "Is no value that this service knows.",
            _ => null,
        };
    }

    private sealed class NoCheck : FieldCheck
    {
        public NoCheck(FieldDescriptor field)
            : base(field)
        {
            if (HasRule) throw Unchecked(field);
        }

        public override void Check(IMessage message, string path, ref Findings found)
        {
        }
    }
}
