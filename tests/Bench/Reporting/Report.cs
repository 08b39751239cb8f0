using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;

namespace BeschutWerk.Bench;

/// <summary>What stands beside every figure, and how a run is printed.</summary>
internal static class Report
{
    public static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Dictionary<string, string> Machine() => new()
    {
        ["time"] = DateTimeOffset.UtcNow.ToString("u", CultureInfo.InvariantCulture),
        ["system"] = RuntimeInformation.OSDescription,
        ["machine"] = $"{Environment.ProcessorCount} × {ProcessorModel()}",
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["load average before"] = LoadAverage(),
    };

    /// <summary>Over one, five and fifteen minutes.</summary>
    public static string LoadAverage() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "not known here";

    public static Dictionary<string, string> Versions() => new[]
    {
        typeof(Microsoft.Data.Sqlite.SqliteConnection), typeof(SQLitePCL.raw), typeof(Grpc.Net.Client.GrpcChannel), typeof(Google.Protobuf.IMessage),
        typeof(RabbitMQ.Client.IConnection), typeof(MassTransit.IBus),
    }.Select(type => type.Assembly).ToDictionary(
        assembly => assembly.GetName().Name!,
        assembly => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]);

    public static Dictionary<string, string> Settings(BenchSettings settings) => new()
    {
        ["rounds"] = $"{settings.Rounds}, the first beside them thrown away",
        ["placements of a bulk round"] = $"{settings.BulkRows}",
        ["placements of a unary round"] = $"{settings.UnaryRows}",
        ["placements in each file at the start"] = $"{settings.StartRows}",
        ["candidates"] = $"{settings.Candidates}",
        ["processors"] = Pinning.IsOn ? "server on core 0; client, peers and broker on core 1" : "as the scheduler decides",
    };

    public static void Print(Run run)
    {
        // A table that is piped into a file must not be cut at 80 columns.
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = 200;
        var table = new Table().AddColumns("", "what", "ours: median (min … max)", "peer: median (min … max)", "ratio: median (min … max)", "bar", "stretch", "holds");
        foreach (var result in run.Results)
        {
            table.AddRow(
                result.Id, result.What, Text(result.Ours) + " " + result.Unit, result.Peer is { } peer ? Text(peer) : "", result.Ratio is { } ratio ? Text(ratio) : "",
                Number(result.Bar), Number(result.Stretch), result.Holds switch { true => "yes", false => "NO", null => "" });
        }

        AnsiConsole.Write(table);
        var facts = new Table().HideHeaders().AddColumns("", "");
        foreach (var (name, value) in run.Machine.Concat(run.Versions).Concat(run.Settings).Concat(run.Checks)) facts.AddRow(Markup.Escape(name), Markup.Escape(value));
        foreach (var (who, pragmas) in run.Pragmas) facts.AddRow(Markup.Escape(who), Markup.Escape(string.Join(", ", pragmas.Select(pragma => $"{pragma.Key}={pragma.Value}"))));
        AnsiConsole.Write(facts);
    }

    private static string Text(Series series) => $"{Number(series.Median)} ({Number(series.Min)} … {Number(series.Max)})";

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 0.1 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    private static string ProcessorModel() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "not known here"
        : "not known here";
}
