using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>The files that operators load: they can be read, and use only series that there are.</summary>
public sealed class DashboardTests
{
    private static readonly HashSet<string> Known = [.. MetricTable.Own.Concat(MetricTable.Foreign).SelectMany(row => row.Series), OfRabbitMq];

    /// <summary>Comes from the broker, not through the collector.</summary>
    private const string OfRabbitMq = "rabbitmq_detailed_queue_messages";

    private static readonly string Runbook = File.ReadAllText(Path.Combine(MetricTable.Folder, "README.md"));

    [Fact]
    public void Dashboards_use_metrics_that_there_are_and_each_panel_its_own_place()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(MetricTable.Folder, "grafana", "dashboards"), "*.json"))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
            Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            Assert.Equal(panels.Count, panels.Select(panel => $"{panel.GetProperty("gridPos")}").Distinct().Count());
            var used = panels.Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .SelectMany(target => SeriesOf(target.GetProperty("expr").GetString()!)).ToHashSet();
            Assert.NotEmpty(used);
            Assert.Empty(used.Except(Known));
            // What nobody would see is measured for nothing.
            Assert.Empty(MetricTable.Own.Where(row => !row.Series.Any(used.Contains)).Select(row => row.Metric));
        }
    }

    [Fact]
    public void Every_alert_uses_metrics_that_there_are_and_leads_to_its_row_of_the_runbook_and_every_row_has_its_alert()
    {
        var rules = Alerts();
        foreach (var rule in rules)
        {
            Assert.Empty(SeriesOf(rule.Expression).Except(Known));
            Assert.Equal($"infra/README.md#{rule.Name.ToLowerInvariant()}", rule.Runbook);
        }

        var rows = Regex.Matches(Runbook, @"(?m)^\| <a id=""(\w+)""></a>(\w+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$");
        Assert.All(rows, row => Assert.Equal(row.Groups[2].Value.ToLowerInvariant(), row.Groups[1].Value));
        Assert.Equal(
            rules.Select(rule => $"{rule.Name}: {rule.Severity}, {rule.After ?? "at once"}").Order(), rows.Select(row => $"{row.Groups[2].Value}: {row.Groups[3].Value}").Order());
        // Every rule is tried: promtool runs these.
        var tests = File.ReadAllText(Path.Combine(MetricTable.Folder, "prometheus", "alerts.test.yml"));
        Assert.All(rules, rule => Assert.Contains($"alertname: {rule.Name}\n", tests, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("otel/README.md")]
    public void Every_link_and_anchor_of_the_READMEs_exists(string readme)
    {
        var file = Path.Combine(MetricTable.Folder, readme);
        foreach (Match link in Regex.Matches(File.ReadAllText(file), @"\]\(([^)#]*)#?([^)]*)\)"))
        {
            var target = link.Groups[1].Length > 0 ? Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value) : file;
            Assert.True(File.Exists(target), link.Value);
            if (link.Groups[2].Length > 0) Assert.Contains(link.Groups[2].Value, AnchorsOf(File.ReadAllText(target)));
        }
    }

    [Fact]
    public void All_YAML_of_infra_can_be_read()
    {
        var files = Directory.GetFiles(MetricTable.Folder, "*.y*ml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotEmpty(Read(file).Children));
    }

    private static IEnumerable<string> SeriesOf(string expression) => Regex.Matches(expression, @"\b(beschutwerk|http|dotnet|process|kestrel|rabbitmq)_\w+")
        // Labels stand in braces or after `by`; of ours only this one has a prefix of these.
        .Select(match => match.Value).Where(name => name != "http_route");

    /// <summary>As they are made of headings, and those that are written out.</summary>
    private static IEnumerable<string> AnchorsOf(string markdown) =>
        Regex.Matches(markdown, @"(?m)^#+ (.+)$").Select(heading => Regex.Replace(heading.Groups[1].Value.ToLowerInvariant(), "[^a-z0-9 -]", "").Replace(' ', '-'))
            .Concat(Regex.Matches(markdown, @"<a id=""(\w+)"">").Select(anchor => anchor.Groups[1].Value));

    private static List<(string Name, string Expression, string Severity, string? After, string Runbook)> Alerts()
    {
        var groups = (YamlSequenceNode)Read(Path.Combine(MetricTable.Folder, "prometheus", "alerts.yml"))["groups"];
        return [.. groups.SelectMany(group => (YamlSequenceNode)group["rules"]).Select(rule => (
            $"{rule["alert"]}", $"{rule["expr"]}", $"{rule["labels"]["severity"]}",
            ((YamlMappingNode)rule).Children.TryGetValue("for", out var after) ? $"{after}" : null, $"{rule["annotations"]["runbook"]}"))];
    }

    private static YamlMappingNode Read(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(file)));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }
}
