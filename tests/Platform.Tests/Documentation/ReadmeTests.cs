using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Cli;

namespace BeschutWerk.Platform.Tests.Documentation;

/// <summary>What the READMEs claim.</summary>
public sealed class ReadmeTests
{
    private static readonly string Contracts = File.ReadAllText(Path.Combine(Root(), "contracts", "README.md"));

    [Fact]
    public void The_contracts_README_tells_every_event_and_no_other()
    {
        var events = EventTypes.All.Where(type => type.Name != "reported-placement").Select(type => type.Name).Order();
        var told = Contracts.Split('\n').SkipWhile(line => !line.StartsWith("| event |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('`')[1]).Order();

        Assert.Equal(events, told);
    }

    [Fact]
    public void Platform_events_are_marked_as_such()
    {
        foreach (var type in EventTypes.All.Where(type => type.IsPlatform))
        {
            Assert.Matches($@"\| `{type.Name}` \| \w+, platform \|", Contracts);
        }
    }

    [Fact]
    public void Every_folder_that_a_README_points_at_exists()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "README.md"));
        foreach (Match link in Regex.Matches(readme, @"\]\(([^)]+)\)"))
        {
            Assert.True(File.Exists(Path.Combine(Root(), link.Groups[1].Value)), link.Groups[1].Value);
        }
    }

    [Fact]
    public void The_README_of_bw_tells_every_command_option_and_variable_and_its_examples_parse()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "services", "Cli", "README.md"));
        var root = Bw.Root(new Settings());
        Assert.Equal(CommandsOf(root, "bw").Order(), Regex.Matches(readme, @"(?m)^\| `(bw [a-z ]+)` \|").Select(row => row.Groups[1].Value).Order());
        Assert.All(Regex.Matches(readme, @"(?m)^\| `bw .*\| `(.+)` \|$"), example => Assert.Empty(root.Parse(example.Groups[1].Value["bw ".Length..]).Errors));

        // What every command has, and what the broker's have; the others say themselves what they take (--help).
        var shared = root.Options.Concat(root.Subcommands.Single(command => command.Name == "broker").Options).Where(option => option.Name is not ("--help" or "--version")).ToList();
        Assert.All(shared, option => Assert.Contains(option.Name, readme, StringComparison.Ordinal));
        Assert.All(shared.SelectMany(option => Regex.Matches(option.Description!, "BW_[A-Z_]+")), variable => Assert.Contains(variable.Value, readme, StringComparison.Ordinal));
    }

    [Fact]
    public void The_README_of_bw_tells_every_finding_and_exit_code()
    {
        var folder = Path.Combine(Root(), "services", "Cli");
        var readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        var code = string.Concat(new[] { "Doctor/Diagnosis.cs", "Commands/DoctorCommand.cs" }.Select(file => File.ReadAllText(Path.Combine(folder, file))));
        var found = Regex.Matches(code, @"(?:new|Finding)\(\s*""([A-Z_]+)""").Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(found.Count > 10);
        Assert.Equal(found.Order(), Regex.Matches(readme, @"(?m)^\| `([A-Z]+_?[A-Z_]*)` \|").Select(row => row.Groups[1].Value).Order());
        var codes = typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!);
        Assert.Equal(codes.Order(), Regex.Matches(readme, @"(?m)^\| (\d+) \|").Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public void The_runbook_shows_commands_of_bw_that_parse_and_names_tests_that_there_are()
    {
        var runbook = File.ReadAllText(Path.Combine(Root(), "infra", "README.md"));
        var root = Bw.Root(new Settings());
        // In a line of their own, in a loop over municipalities, or in a sentence, which may name a command without what it takes.
        var shown = Regex.Matches(runbook, @"(?m)^bw ([^\n]+)$|do bw ([^;]+);|`bw\s([^`]+)`")
            .Select(match => Regex.Replace(string.Concat(match.Groups.Values.Skip(1).Select(group => group.Value)), @"\s+", " ").Replace("$gm", "GM0363", StringComparison.Ordinal)).ToList();
        Assert.True(shown.Count > 10);
        var names = CommandsOf(root, "bw").ToHashSet();
        Assert.All(shown.Where(command => !names.Contains($"bw {command}")), command => Assert.Empty(root.Parse(command).Errors));

        var named = TestsIn(runbook);
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(AllTests()));
    }

    [Fact]
    public void The_runbook_tells_every_limit_and_its_default()
    {
        var told = LimitsIn(File.ReadAllText(Path.Combine(Root(), "infra", "README.md")));
        var limits = typeof(LimitOptions).GetProperties().ToDictionary(limit => limit.Name, limit => limit.GetValue(new LimitOptions()));
        Assert.Empty(limits.Keys.Except(told.Keys));
        foreach (var (name, value) in limits.Where(limit => limit.Key is not (nameof(LimitOptions.ClientCostlyCalls) or nameof(LimitOptions.ClientReadCalls) or nameof(LimitOptions.ClientBulkStreams))))
        {
            var written = value is int number ? number.ToString("#,0", CultureInfo.InvariantCulture) : $"{value}";
            Assert.Equal((name, written), (name, told[name]));
        }

        // The token server's own README tells those that it has; which these are, and their defaults there, is asked by TokenLimitTests.
        var ofTokens = LimitsIn(File.ReadAllText(Path.Combine(Root(), "services", "Identity", "README.md")));
        Assert.Equal(["ClientTokensPerSecond", "Connections", "ConnectionsPerAddress", "MessageWithin"], ofTokens.Keys.Order());
        Assert.All(ofTokens, limit => Assert.Equal((limit.Key, told[limit.Key]), (limit.Key, limit.Value)));
    }

    [Fact]
    public void Each_line_of_what_is_protected_names_tests_that_there_are()
    {
        var lines = File.ReadLines(Path.Combine(Root(), "infra", "THREATS.md"))
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            Assert.NotEmpty(TestsIn(line));
            Assert.Empty(TestsIn(line).Except(AllTests()));
        });
    }

    /// <summary>Rows that begin with the name of a limit and its default.</summary>
    private static Dictionary<string, string> LimitsIn(string readme) => Regex.Matches(readme, @"(?m)^\| `([A-Z]\w+)` \| ([^|]+) \|")
        .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value.Trim('`', ' '));

    private static List<string> TestsIn(string text) => [.. Regex.Matches(text, @"`(\w+Tests)`").Select(test => test.Groups[1].Value)];

    private static HashSet<string> AllTests() =>
        [.. Directory.EnumerateFiles(Path.Combine(Root(), "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file))];

    private static IEnumerable<string> CommandsOf(Command command, string name) =>
        command.Subcommands.SelectMany(sub => CommandsOf(sub, $"{name} {sub.Name}")).Concat(command.Action is null || command.Parents.Any() is false ? [] : [name]);

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
