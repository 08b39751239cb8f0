using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// How much anybody may take of one process: the settings <c>Limits:&lt;name&gt;</c>, of which <c>infra/README.md</c> tells operators. The
/// defaults are far above what a client needs: they end what is abuse or a program that went wrong.
/// </summary>
public sealed record LimitOptions
{
    /// <summary>A bulk stream has up to nine operations in the line of its store, which holds <see cref="Store.StoreSettings.QueueCapacity"/> of all clients.</summary>
    private const int MostBulkStreams = 500;

    /// <summary>Connections to one port.</summary>
    public int Connections { get; init; } = 5000;

    /// <summary>Connections of one address to the ports of the process.</summary>
    public int ConnectionsPerAddress { get; init; } = 2000;

    /// <summary>Open calls for which no token is asked, such as those of health.</summary>
    public int CallsWithoutToken { get; init; } = 1000;

    /// <summary>The same, of one address.</summary>
    public int CallsWithoutTokenPerAddress { get; init; } = 200;

    /// <summary>Calls for which no token is asked that an address begins in a second.</summary>
    public int CallsWithoutTokenPerSecond { get; init; } = 1000;

    /// <summary>Time for the message of a call, the first message of a stream, or the rest of a later one, to arrive.</summary>
    public TimeSpan MessageWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls that a client begins in a second, streams included.</summary>
    public int ClientCallsPerSecond { get; init; } = 50_000;

    /// <summary>Unary calls of a client that are open at once, those that wait included.</summary>
    public int ClientOpenCalls { get; init; } = 5000;

    /// <summary>Unary calls of a client that are worked on at once; others of its calls wait.</summary>
    public int ClientCalls { get; init; } = 128;

    /// <summary>Calls among them of one method that changes nothing.</summary>
    public int ClientReadCalls { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Calls of one other method among them.</summary>
    public int ClientMethodCalls { get; init; } = 96;

    /// <summary>Calls among them of one method that the contract calls costly.</summary>
    public int ClientCostlyCalls { get; init; } = Math.Max(2, Environment.ProcessorCount / 2);

    /// <summary>Open feeds of a client, and other streams over which it only receives.</summary>
    public int ClientStreams { get; init; } = 2000;

    /// <summary>Open bulk streams of a client, over which it reports placements.</summary>
    public int ClientBulkStreams { get; init; } = 64;

    /// <summary>Kilobytes of a client's messages of which only part has come, by what they will have when they are whole.</summary>
    public int ClientUnfinishedKilobytes { get; init; } = 65_536;

    /// <summary>Kilobytes of messages that a client sends in a second.</summary>
    public int ClientKilobytesPerSecond { get; init; } = 200_000;

    /// <summary>Placements that a client reports in a second over bulk streams.</summary>
    public int ClientRowsPerSecond { get; init; } = 500_000;

    /// <summary>Tokens that a client gets in a second, where the token server is in this process; a process of its own has the same default.</summary>
    public int ClientTokensPerSecond { get; init; } = 20;

    /// <summary>Unary calls that work on one municipality at once, of all clients together; others wait.</summary>
    public int MunicipalityCalls { get; init; } = 256;

    /// <summary>Open feeds of one municipality, of all clients together.</summary>
    public int MunicipalityStreams { get; init; } = 4000;

    /// <summary>Placements that are reported of one municipality in a second over bulk streams.</summary>
    public int MunicipalityRowsPerSecond { get; init; } = 1_000_000;

    /// <summary>From the settings of the process.</summary>
    /// <exception cref="StartupException">There is no such setting, or its value is none.</exception>
    public static LimitOptions Of(IConfiguration configuration)
    {
        LimitOptions options;
        try
        {
            options = configuration.GetSection("Limits").Get<LimitOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
        }
        catch (InvalidOperationException error)
        {
            throw new StartupException($"A setting of Limits is no limit: {error.Message} infra/README.md lists them.", error);
        }

        if (options.Fault() is { } fault) throw new StartupException(fault);
        return options;
    }

    private string? Fault()
    {
        if (MessageWithin <= TimeSpan.Zero) return $"Limits__MessageWithin={MessageWithin} is no time to wait. Write 00:00:30.";
        foreach (var limit in typeof(LimitOptions).GetProperties().Where(limit => limit.PropertyType == typeof(int)))
        {
            if ((int)limit.GetValue(this)! < 1) return $"Limits__{limit.Name} must be 1 or more.";
        }

        // One client must never be able to use up what all clients of a municipality share.
        if (MunicipalityCalls <= ClientCalls) return "Limits__MunicipalityCalls must be more than Limits__ClientCalls.";
        if (MunicipalityStreams <= ClientStreams) return "Limits__MunicipalityStreams must be more than Limits__ClientStreams.";
        if (ClientBulkStreams > MostBulkStreams) return $"Limits__ClientBulkStreams may be at most {MostBulkStreams}: what they report waits in the same line as all writes of a municipality.";
        return MunicipalityRowsPerSecond <= ClientRowsPerSecond
            ? "Limits__MunicipalityRowsPerSecond must be more than Limits__ClientRowsPerSecond."
            : null;
    }
}
