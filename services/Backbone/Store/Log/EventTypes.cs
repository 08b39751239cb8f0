using System.Collections.Frozen;
using System.Text;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Store;

/// <summary>The events of all contracts: every message of an <c>events.proto</c>, by its name in kebab-case.</summary>
public static class EventTypes
{
    private static readonly string Prefix = CloudEvent.Descriptor.GetOptions().GetExtension(RulesExtensions.TypePrefix);
    private const string Suffix = ".v1";

    private static readonly FrozenDictionary<string, EventType> ByName = ContractFiles.All
        .Where(file => file.Name.EndsWith("/events.proto", StringComparison.Ordinal))
        .SelectMany(file => file.MessageTypes)
        .Select(message => new EventType(Kebab(message.Name), message))
        .ToFrozenDictionary(type => type.Name);

    private static readonly FrozenDictionary<MessageDescriptor, EventType> ByMessage =
        ByName.Values.ToFrozenDictionary(type => type.Message);

    /// <summary>All events.</summary>
    public static IEnumerable<EventType> All => ByName.Values;

    /// <summary>The event of a message.</summary>
    public static EventType Of(MessageDescriptor message) => ByMessage.TryGetValue(message, out var type)
        ? type
        : throw new ArgumentException($"{message.FullName} stands in no events.proto.", nameof(message));

    /// <summary>The event of a name in kebab-case; null when this program does not know it.</summary>
    public static EventType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The event that somebody wrote down, by its CloudEvent type or by its name; null when there is none.</summary>
    public static EventType? Named(string text) => Find(NameOf(text) ?? text);

    /// <summary>The CloudEvent type of an event's name.</summary>
    public static string CloudType(string name) => Prefix + name + Suffix;

    /// <summary>The event's name in a CloudEvent type; null when it is not of this platform or version.</summary>
    public static string? NameOf(string cloudType) =>
        cloudType.StartsWith(Prefix, StringComparison.Ordinal) && cloudType.EndsWith(Suffix, StringComparison.Ordinal)
            ? cloudType[Prefix.Length..^Suffix.Length]
            : null;

    private static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}

/// <summary>One kind of event.</summary>
/// <param name="Name">In kebab-case, such as <c>tenant-registered</c>.</param>
/// <param name="Message">Its message.</param>
public sealed record EventType(string Name, MessageDescriptor Message)
{
    /// <summary>The CloudEvent type.</summary>
    public string CloudType { get; } = EventTypes.CloudType(Name);

    /// <summary>Whether it belongs to the platform, not to one tenant.</summary>
    public bool IsPlatform { get; } = Message.GetOptions()?.GetExtension(RulesExtensions.PlatformEvent) ?? false;

    /// <summary>The service that raises it: the second part of its package.</summary>
    public string Producer { get; } = Message.File.Package.Split('.')[1];

    /// <summary>The one service that may see it; empty: whoever may read the log.</summary>
    public string OnlyService { get; } = Message.GetOptions()?.GetExtension(RulesExtensions.OnlyService) ?? "";

    /// <summary>Which of its events are for one service only; null: as <see cref="OnlyService"/> says of all.</summary>
    public OnlyServiceWhere? OnlyServiceWhere { get; } = Message.GetOptions()?.GetExtension(RulesExtensions.OnlyServiceWhere);

    /// <summary>How protobuf's Any names the message.</summary>
    public string TypeUrl { get; } = "type.googleapis.com/" + Message.FullName;

    /// <summary>Reads the event's data.</summary>
    public IMessage Parse(ByteString data) => Message.Parser.ParseFrom(data);
}
