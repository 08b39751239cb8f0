using System.Buffers.Text;
using System.Security.Cryptography;

namespace BeschutWerk.Cli.Broker;

/// <summary>
/// What a municipality may do on the broker: make queues whose name starts with its own code, bind them to its own key of
/// the exchange of all events, and read them. Nothing else, and it publishes nowhere.
/// </summary>
/// <param name="Municipality">GM code.</param>
internal sealed record BrokerUser(string Municipality)
{
    /// <summary>Where every event is published; <c>infra/README.md</c> describes it.</summary>
    public const string Exchange = "beschutwerk.events";

    private const int PasswordBytes = 32;

    /// <summary>User name, and what its queues start with.</summary>
    public string Name { get; } = Municipality.ToLowerInvariant();

    /// <summary>Start of the names of its queues.</summary>
    public string QueuePrefix => Name + ".";

    /// <summary>The key that it binds.</summary>
    public string BindingKey => $"*.*.{Municipality}";

    /// <summary>Its own queues, as the broker matches names.</summary>
    public string OwnQueues => $@"^{Name}\..*";

    /// <summary>Of whom it may read: binding a queue reads the exchange. Writing its own queues is what binding asks of the queue.</summary>
    public object Permissions => new { configure = OwnQueues, write = OwnQueues, read = $@"^({Exchange.Replace(".", @"\.", StringComparison.Ordinal)}|{Name}\..*)$" };

    /// <summary>Which keys of the exchange it may bind: the broker compares the key of the binding. It may publish under none.</summary>
    public object TopicPermissions => new { exchange = Exchange, read = $@"^[^.]+\.[^.]+\.{Municipality}$", write = "^$" };

    /// <summary>
    /// What it leaves unread must not fill the broker, whose publishers are all services: the oldest is dropped beyond 100 MB,
    /// and a queue that nobody used for 30 days is removed. What is missing then can be read from the feed.
    /// </summary>
    public object Limits => new
    {
        pattern = OwnQueues, priority = 0,
        definition = new Dictionary<string, object> { ["max-length-bytes"] = 100_000_000, ["expires"] = (long)TimeSpan.FromDays(30).TotalMilliseconds },
    };

    /// <summary>A new password, in letters that need no escaping in an address.</summary>
    public static string NewPassword() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PasswordBytes));
}
