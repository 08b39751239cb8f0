using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>The pages that lead a newcomer through the code say what is there.</summary>
public sealed partial class MapTests
{
    [Fact]
    public void The_map_of_the_services_is_that_of_the_project_references()
    {
        var map = Rows("services/README.md").Where(row => row.Length == 2 && IsProject(Names(row[0]).FirstOrDefault()))
            .ToDictionary(row => Names(row[0]).Single(), row => string.Join(", ", Names(row[1]).Order()));
        var projects = Projects().ToDictionary(Folder, project => string.Join(", ", References(project).Order()));
        Assert.True(projects.Count >= 12);
        Assert.Equal(projects.OrderBy(project => project.Key), map.OrderBy(project => project.Key));
    }

    [Fact]
    public void Each_step_of_a_placement_is_in_the_file_that_its_row_names()
    {
        var steps = Rows("services/one-placement.md").Where(row => row.Length == 4 && int.TryParse(row[0], out _)).ToList();
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(row => int.Parse(row[0])));
        Assert.True(steps.Count >= 20);
        Assert.All(steps, row => Assert.Contains(Names(row[2]).Single(), File.ReadAllText(Repository.Under(Names(row[1]).Single())), StringComparison.Ordinal));
    }

    private static bool IsProject(string? name) => name is not null && Projects().Select(Folder).Contains(name);

    private static IEnumerable<string> Projects() =>
        Directory.EnumerateFiles(Repository.Under("services"), "*.csproj", SearchOption.AllDirectories).Append(Repository.Under("contracts/Contracts.csproj"));

    private static IEnumerable<string> References(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(reference => Folder(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value))));

    private static string Folder(string project) => Path.GetRelativePath(Repository.Under(""), Path.GetDirectoryName(project)!);

    private static IEnumerable<string[]> Rows(string page) => File.ReadLines(Repository.Under(page))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries) switch
        {
            // A row whose last cell is empty.
            [var only] => [only, ""],
            var cells => cells,
        });

    private static IEnumerable<string> Names(string cell) => Name().Matches(cell).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
