using System.Collections.Frozen;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Backbone.Events;

/// <summary>
/// Who may see an event, by the rule that stands at its message (<c>only_service</c>, <c>only_service_where</c>). Every reader of a
/// log asks here, so that nobody learns by another way what a call does not tell them.
/// </summary>
public static class Audience
{
    private static readonly string WithheldType = EventTypes.CloudType("withheld");

    /// <summary>Few types have one, and every event of every reader is looked up here: by the type that it carries.</summary>
    private static readonly FrozenDictionary<string, Restriction> Restrictions = EventTypes.All
        .Select(type => (type.CloudType, Restriction: Restriction.Of(type))).Where(found => found.Restriction is not null)
        .ToFrozenDictionary(found => found.CloudType, found => found.Restriction!);

    /// <summary>Whether this caller may see it.</summary>
    public static bool MaySee(Caller caller, CloudEvent read) =>
        OnlyServiceOf(read) is not { } only || (caller.Is(OrganisationKind.Service) && caller.OrganisationId == only);

    /// <summary>Whether everybody who may read the log may see it.</summary>
    public static bool IsOpen(CloudEvent read) => OnlyServiceOf(read) is null;

    /// <summary>The one service that may see it, beside the one that raised it; null when it is open.</summary>
    public static string? OnlyServiceOf(CloudEvent read) =>
        Restrictions.TryGetValue(read.Type, out var restriction) && restriction.Holds(read.Data) ? restriction.Service : null;

    /// <summary>
    /// As this caller may see it: where they may not, only that it was. For who counts the events of a log, which has no holes.
    /// </summary>
    public static CloudEvent AsSeenBy(Caller caller, CloudEvent read) => MaySee(caller, read) ? read : Withheld(read);

    /// <summary>The same for what operators look at.</summary>
    public static CloudEvent AsSeenByOperators(CloudEvent read) => IsOpen(read) ? read : Withheld(read);

    /// <summary>Whether its reader may know no more than that it was: nothing of it is kept.</summary>
    public static bool IsWithheld(CloudEvent read) => read.Type == WithheldType;

    // Not its id either, which holds when it was.
    private static CloudEvent Withheld(CloudEvent read) => new()
    {
        Source = read.Source, Sequence = read.Sequence, Gemeentecode = read.Gemeentecode,
        Type = WithheldType, Subject = "withheld", Data = new Any(),
    };

    /// <summary>For which service events of a type are; all of them, or those whose fields hold some values.</summary>
    private sealed class Restriction
    {
        private readonly int[] _fields;
        private readonly ulong[] _values;

        private Restriction(string service, IReadOnlyCollection<(int Field, ulong Value)> where) =>
            (Service, _fields, _values) = (service, [.. where.Select(one => one.Field)], [.. where.Select(one => one.Value)]);

        public string Service { get; }

        public static Restriction? Of(EventType type) => (type.OnlyService, type.OnlyServiceWhere) switch
        {
            ({ Length: > 0 } service, _) => new Restriction(service, []),
            (_, { } where) => new Restriction(
                where.Service, [.. where.All.Select(one => Numbers(type.Message.FindFieldByName(one.Field), one.Value))]),
            _ => null,
        };

        // Only the fields in question are read: every reader asks for every event. What cannot be read is for nobody else.
        public bool Holds(Any? data)
        {
            if (_fields.Length == 0 || data is null) return true;
            var held = new ulong[_fields.Length];
            try
            {
                var input = data.Value.CreateCodedInput();
                while (input.ReadTag() is var tag and not 0)
                {
                    var field = Array.IndexOf(_fields, WireFormat.GetTagFieldNumber(tag));
                    if (field >= 0 && WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint) held[field] = input.ReadUInt64();
                    else input.SkipLastField();
                }
            }
            catch (InvalidProtocolBufferException)
            {
                return true;
            }

            return held.AsSpan().SequenceEqual(_values);
        }

        private static (int Field, ulong Value) Numbers(FieldDescriptor field, string value) => field.FieldType == FieldType.Enum
            ? (field.FieldNumber, (ulong)field.EnumType.FindValueByName(value).Number)
            : (field.FieldNumber, bool.Parse(value) ? 1UL : 0UL);
    }
}
