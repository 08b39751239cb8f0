using BeschutWerk.TestBroker;

namespace BeschutWerk.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Rounds of each benchmark; a first one beside them is thrown away.</param>
/// <param name="BulkRows">Placements of a round of the bulk stream.</param>
/// <param name="UnaryRows">Placements of a round of unary calls.</param>
/// <param name="StartRows">Placements in every file of B1 and B2 before the first round.</param>
/// <param name="Candidates">Candidates that share the placements.</param>
/// <param name="CatchUp">Events of B9.</param>
/// <param name="Subscriptions">Most subscriptions of B22.</param>
/// <param name="PerSecond">Reports a second of B5.</param>
/// <param name="Strace">Whether a short extra run counts what reaches the disk.</param>
internal sealed record BenchSettings(int Rounds, int BulkRows, int UnaryRows, int StartRows, int Candidates, int CatchUp, int Subscriptions, int PerSecond, bool Strace);

/// <summary>One run: its folder, its broker, and what it found.</summary>
internal sealed class Bench(BenchSettings settings) : IAsyncDisposable
{
    /// <summary>RabbitMQ's own default: the quorum queues of no side stop to begin another log file.</summary>
    private const int RaftLogBytes = 512 * 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("beschutwerk-bench-").FullName;
    private BrokerNode? _broker;
    private int _servers;

    public BenchSettings Settings { get; } = settings;

    public List<Result> Results { get; } = [];

    /// <summary>What stands below the table.</summary>
    public Dictionary<string, string> Checks { get; } = [];

    /// <summary>Pragmas of every connection that writes.</summary>
    public Dictionary<string, Dictionary<string, string>> Pragmas { get; } = [];

    /// <summary>A folder that ends with the run.</summary>
    public string FolderOf(string name) => Path.Combine(_folder, name);

    /// <summary>A server on a fresh data folder.</summary>
    public async Task<Server> StartServerAsync(params (string Name, string Value)[] settings) => await Server.StartAsync(FolderOf($"server-{_servers++}"), settings);

    /// <summary>A server whose services meet on the broker.</summary>
    /// <param name="carrier">Carries the events: masstransit, as by default, or direct.</param>
    public async Task<Server> StartServerOnBrokerAsync(string carrier = "masstransit") =>
        await StartServerAsync(("Messaging__RabbitMq", (await BrokerAsync()).ToString()), ("Messaging__Carrier", carrier));

    /// <summary>Address of the broker of this run, started when it is first asked for.</summary>
    public async Task<Uri> BrokerAsync()
    {
        if (_broker is null)
        {
            _broker = new BrokerNode(RaftLogBytes);
            await _broker.StartAsync();
            await using var rabbit = await RawRabbit.ConnectAsync(_broker.Amqp);
            Checks["broker"] = rabbit.ServerVersion;
        }

        return _broker.Amqp;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
