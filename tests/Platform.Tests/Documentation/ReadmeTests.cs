using BeschutWerk.Backbone.Events;

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
        foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(readme, @"\]\(([^)]+)\)"))
        {
            Assert.True(File.Exists(Path.Combine(Root(), link.Groups[1].Value)), link.Groups[1].Value);
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
