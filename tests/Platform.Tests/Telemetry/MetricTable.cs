using System.Text.RegularExpressions;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>The metrics as <c>infra/otel/README.md</c> tells them to operators.</summary>
internal static class MetricTable
{
    /// <summary>A row of a table.</summary>
    /// <param name="Kind">counter, gauge or histogram.</param>
    /// <param name="Tags">By comma; empty for what is not ours.</param>
    public sealed record Row(string Metric, string Kind, string Unit, string Tags)
    {
        /// <summary>Its series in Prometheus, after the collector's exporter: its documented normalization of names.</summary>
        public IEnumerable<string> Series
        {
            get
            {
                var suffix = Unit switch { "s" => "_seconds", "By" => "_bytes", _ when Unit.StartsWith('{') => "", _ => throw new InvalidOperationException($"Of what unit is {Metric}?") };
                var name = Metric.Replace('.', '_') + suffix;
                return Kind switch
                {
                    "gauge" => [name],
                    "counter" => [name + "_total"],
                    "histogram" => [name + "_bucket", name + "_sum", name + "_count"],
                    _ => throw new InvalidOperationException($"{Metric} is no {Kind}."),
                };
            }
        }
    }

    public static string Folder { get; } = Path.Combine(Root(), "infra");

    public static string Readme { get; } = File.ReadAllText(Path.Combine(Folder, "otel", "README.md"));

    /// <summary>The platform's own.</summary>
    public static List<Row> Own { get; } = [.. Rows("| metric | kind | unit | tags |").Select(cells => new Row(cells[0], cells[1], cells[2], cells[3]))];

    /// <summary>Those of .NET and ASP.NET Core that the dashboard uses.</summary>
    public static List<Row> Foreign { get; } = [.. Rows("| metric | kind | unit | meaning |").Select(cells => new Row(cells[0], cells[1], cells[2], ""))];

    private static IEnumerable<string[]> Rows(string header) => Readme.Split('\n').SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).Skip(2)
        .TakeWhile(line => line.StartsWith('|')).Select(line => Regex.Split(line.Trim('|', ' '), @"\s*\|\s*").Select(cell => cell.Trim('`')).ToArray());

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
