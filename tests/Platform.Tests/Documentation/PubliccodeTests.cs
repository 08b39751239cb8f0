using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BeschutWerk.Platform.Tests.Documentation;

/// <summary>
/// publiccode.yml keeps the rules of its standard, version 0.5 (https://yml.publiccode.tools). They are written out here, because no
/// package of NuGet or npm has them. Keys that the standard does not know are refused, as its validator does.
/// </summary>
public sealed class PubliccodeTests
{
    private const string BcpTag = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

    private static readonly YamlMappingNode File = Read();

    [Fact]
    public void It_has_every_key_that_the_standard_requires_and_none_that_it_does_not_know()
    {
        Keys(File, "publiccodeYmlVersion name url platforms developmentStatus softwareType description legal maintenance localisation",
            "applicationSuite landingURL isBasedOn softwareVersion releaseDate logo categories usedBy fundedBy roadmap organisation " +
            "intendedAudience dependsOn NL");
        Keys(Section(File, "legal"), "license", "mainCopyrightOwner");
        Keys(Section(File, "localisation"), "localisationReady availableLanguages", "");
        Keys(Section(File, "maintenance"), "type", "contractors contacts");
        Keys(Section(File, "intendedAudience"), "", "countries unsupportedCountries scope");
        Keys(Section(File, "dependsOn"), "", "open proprietary hardware");
    }

    [Fact]
    public void Its_values_are_those_of_the_standard()
    {
        Assert.Equal("0.5.0", Text(File, "publiccodeYmlVersion"));
        Assert.NotEmpty(Text(File, "name"));
        Assert.True(Uri.TryCreate(Text(File, "url"), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps);
        Assert.NotEmpty(List(File, "platforms"));
        Assert.Contains(Text(File, "developmentStatus"), Words("concept development beta stable obsolete"));
        Assert.Contains(Text(File, "softwareType"), Words(
            "standalone/mobile standalone/iot standalone/desktop standalone/web standalone/backend standalone/other " +
            "addon library configurationFiles"));
        // Of the lists of categories and scopes, those that fit this software.
        Assert.Empty(List(File, "categories").Except(Words(
            "business-process-management compliance-management data-analytics data-collection employee-management workflow-management")));
        var audience = Section(File, "intendedAudience");
        Assert.Empty(List(audience, "scope").Except(Words("employment local-authorities society welfare")));
        Assert.All(List(audience, "countries"), country => Assert.Matches("^[A-Z]{2}$", country));
        Assert.Contains(Text(Section(File, "localisation"), "localisationReady"), Words("true false"));
        Assert.NotEmpty(List(Section(File, "localisation"), "availableLanguages"));
        Assert.All(List(Section(File, "localisation"), "availableLanguages"), language => Assert.Matches(BcpTag, language));
    }

    [Fact]
    public void It_describes_the_software_in_Dutch_and_in_English_within_the_lengths_of_the_standard()
    {
        var description = Section(File, "description");
        Assert.Equal(["en", "nl"], Names(description).Order());
        foreach (var language in Names(description).Select(name => Section(description, name)))
        {
            Keys(language, "shortDescription longDescription features",
                "localisedName documentation apiDocumentation screenshots videos awards");
            var shortly = Text(language, "shortDescription");
            Assert.InRange(LengthOf(shortly), 1, 150);
            Assert.DoesNotContain('\n', shortly);
            Assert.InRange(LengthOf(Text(language, "longDescription")), 150, 10_000);
            Assert.InRange(List(language, "features").Count, 5, 20);
        }
    }

    [Fact]
    public void Whoever_maintains_it_is_named_and_what_it_needs_is_named()
    {
        var maintenance = Section(File, "maintenance");
        Assert.Contains(Text(maintenance, "type"), Words("internal community"));
        Assert.DoesNotContain("contractors", Names(maintenance));
        Assert.NotEmpty(Items(maintenance, "contacts"));
        foreach (var contact in Items(maintenance, "contacts"))
        {
            Keys(contact, "name", "email phone affiliation");
        }

        foreach (var needed in Names(Section(File, "dependsOn")).SelectMany(kind => Items(Section(File, "dependsOn"), kind)))
        {
            Keys(needed, "name", "versionMin versionMax version optional");
        }
    }

    [Fact]
    public void It_says_the_licence_and_the_release_that_LICENSE_and_the_changelog_say()
    {
        var licence = System.IO.File.ReadLines(Path.Combine(ReadmeTests.Root(), "LICENSE")).First();
        Assert.Equal($"SPDX-License-Identifier: {Text(Section(File, "legal"), "license")}", licence);
        Assert.Equal(VersionTests.Newest, (Text(File, "softwareVersion"), Text(File, "releaseDate")));
    }

    private static YamlMappingNode Read()
    {
        var yaml = new YamlStream();
        // The standard wants UTF-8.
        var encoding = new UTF8Encoding(false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(Path.Combine(ReadmeTests.Root(), "publiccode.yml"), encoding);
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    /// <summary>A section has all keys that it must have, and beside them only those that it may have.</summary>
    private static void Keys(YamlMappingNode section, string required, string optional)
    {
        Assert.Empty(Words(required).Except(Names(section)));
        Assert.Empty(Names(section).Except(Words(required)).Except(Words(optional)));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Names(YamlMappingNode section) => section.Children.Keys.Select(key => ((YamlScalarNode)key).Value!);

    private static YamlMappingNode Section(YamlMappingNode parent, string name) =>
        (YamlMappingNode)parent.Children[new YamlScalarNode(name)];

    private static List<string> List(YamlMappingNode parent, string name) =>
        [.. ((YamlSequenceNode)parent.Children[new YamlScalarNode(name)]).Select(item => Value((YamlScalarNode)item))];

    private static List<YamlMappingNode> Items(YamlMappingNode parent, string name) =>
        [.. ((YamlSequenceNode)parent.Children[new YamlScalarNode(name)]).Cast<YamlMappingNode>()];

    private static string Text(YamlMappingNode parent, string name) =>
        Value((YamlScalarNode)parent.Children[new YamlScalarNode(name)]);

    /// <summary>The standard wants text where a version or a date stands: unquoted, YAML reads 1.10 as the number 1.1.</summary>
    private static string Value(YamlScalarNode scalar)
    {
        var text = scalar.Value!;
        Assert.False(scalar.Style == ScalarStyle.Plain && Regex.IsMatch(text, @"^\d[\d.\-]*$"), $"{text} must be quoted.");
        return text;
    }

    private static int LengthOf(string text) => new StringInfo(text.Trim()).LengthInTextElements;
}
