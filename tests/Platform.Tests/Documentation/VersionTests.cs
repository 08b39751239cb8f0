using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using BeschutWerk.Platform.Tests.CliTests;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Platform.Tests.Documentation;

/// <summary>The newest release of CHANGELOG.md is what the programs say of themselves.</summary>
public sealed class VersionTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    /// <summary>The version and the day of the newest release.</summary>
    internal static (string Version, string Date) Newest { get; } = Releases()[0];

    /// <summary>What a program says: the release, and the commit where it was built from one.</summary>
    private static string Said { get; } = $@"{Regex.Escape(Newest.Version)}(\+[0-9a-f]{{40}})?";

    [Fact]
    public void The_changelog_has_what_is_not_released_first_and_then_releases_from_new_to_old()
    {
        Assert.Equal("Unreleased", Sections()[0]);
        Assert.Equal(Sections().Count - 1, Releases().Count);
        var versions = Releases().Select(release => Version.Parse(release.Version)).ToList();
        Assert.Equal(versions.Distinct().OrderDescending(), versions);
        Assert.All(Releases(), release => Assert.True(DateOnly.TryParseExact(release.Date, "yyyy-MM-dd", out _), release.Date));
    }

    [Fact]
    public void Every_assembly_of_ours_has_it()
    {
        var folder = AppContext.BaseDirectory;
        var ours = Directory.GetFiles(folder, "BeschutWerk.*.dll").Append(Path.Combine(folder, "bw.dll")).ToList();
        Assert.True(ours.Count > 8);
        Assert.All(ours, file =>
        {
            Assert.Equal($"{Newest.Version}.0", $"{AssemblyName.GetAssemblyName(file).Version}");
            var said = FileVersionInfo.GetVersionInfo(file);
            Assert.Equal($"{Newest.Version}.0", said.FileVersion);
            Assert.Matches($"^{Said}$", said.ProductVersion);
        });
    }

    [Fact]
    public async Task Bw_says_it()
    {
        var run = await BwRun.ProcessAsync(new Dictionary<string, string>(), "--version");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches($@"^{Said}\n$", run.Output);
    }

    [Fact]
    public async Task Health_of_the_services_says_it()
    {
        using var http = new HttpClient();
        Assert.Matches($"^Healthy {Said}$", await HealthAsync(http, platform.Options.HttpPort));
    }

    [Fact]
    public async Task Health_of_the_token_server_says_it()
    {
        var folder = Directory.CreateTempSubdirectory("identity-");
        await using (var identity = new ServiceUnderTest("Identity"))
        {
            identity.Start([$"--Data:Folder={folder.FullName}", $"--Http:Port={identity.HttpPort}"]);
            using var http = new HttpClient();
            var health = "";
            await PlatformFixture.Eventually(
                async () => (health = await HealthAsync(http, identity.HttpPort)).Length > 0, "the token server answers");
            Assert.Matches($"^Healthy {Said}$", health);
        }

        folder.Delete(recursive: true);
    }

    private static async Task<string> HealthAsync(HttpClient http, int port)
    {
        try
        {
            return await http.GetStringAsync(new Uri($"http://localhost:{port}/health"));
        }
        catch (HttpRequestException)
        {
            // Not yet.
            return "";
        }
    }

    private static List<string> Sections()
    {
        var changelog = File.ReadAllText(Path.Combine(ReadmeTests.Root(), "CHANGELOG.md"));
        return [.. Regex.Matches(changelog, "(?m)^## (.+)$").Select(section => section.Groups[1].Value)];
    }

    private static List<(string Version, string Date)> Releases() =>
    [
        .. Sections().Select(section => Regex.Match(section, @"^(\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$"))
            .Where(release => release.Success)
            .Select(release => (release.Groups[1].Value, release.Groups[2].Value)),
    ];
}
