using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Municipalities;

namespace BeschutWerk.Faults;

/// <summary>
/// The stores of many municipalities are of older versions of the program, each of another. The program of now is killed while it
/// upgrades them, again and again, each time twice. Then it upgrades the rest. And a file of a newer program is left alone.
/// </summary>
internal sealed class MigrationKilled : Fault
{
    private const int Killed = 137; // 128 + SIGKILL
    private const int CasesEach = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestMigration = TimeSpan.FromSeconds(5);

    private static readonly string[] Points = ["before-checks", "after-checks", "before-schema-commit", "after-schema-commit"];

    public override string Id => "F13";

    public override string What => "kill -9 of an upgrade of many stores, twice; a newer file";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var random = new Random(extent.Seed);
        var broken = new List<string>();
        await using var country = await Country.FoundAsync(scenery.Platform, extent.Of(16, Country.Most), CasesEach);
        var truth = (await country.AskAllAsync()).ToDictionary(answer => answer.Key, answer => answer.Value.Digest);
        if (truth.Values.Any(digest => digest is null)) broken.Add("a municipality did not answer before anything was done");
        await country.StopAsync();
        var now = SchemaScripts.Of(typeof(MunicipalityStore).Assembly, platform: false).Version;

        // Undisturbed first: how long it takes.
        var sound = country.Municipalities.ToDictionary(code => code, code => File.ReadAllBytes(country.FileOf(code)));
        var rows = sound.Keys.ToDictionary(code => code, code => OlderFile.Look(country.FileOf(code)).Holds);
        MakeOlder(country, sound, random);
        var took = Stopwatch.StartNew();
        await country.StartAsync();
        Compare(truth, await country.AskAllAsync(), "after an upgrade that nobody disturbed", broken);
        took.Stop();
        await country.StopAsync();

        var older = MakeOlder(country, sound, random);
        var kills = 0;
        foreach (var point in Enumerable.Range(0, extent.Of(1, 20)).SelectMany(_ => Points))
        {
            for (var again = 0; again < 2; again++)
            {
                // A file that comes to the point must be left.
                var left = older.Count(file => OlderFile.Look(country.FileOf(file.Key)).Version == file.Value);
                if (left < older.Count / 2) older = MakeOlder(country, sound, random);
                country.Begin($"{point}:{random.Next(1, 4)}");
                var exit = country.Process.ExitAsync(Longest);
                await country.AskUntilAsync(exit);
                var code = await exit;
                if (code != Killed) broken.Add($"Municipalities ended with {code} instead of dying at {point}");
                kills++;
                Inspect(country, older, rows, now, $"after a kill at {point}", broken);
            }
        }

        for (var kill = 0; kill < extent.Of(4, 40); kill++)
        {
            if (kill % 2 == 0) older = MakeOlder(country, sound, random);
            country.Begin();
            // From before the first file to behind the last.
            var killing = KillAsync(country, TimeSpan.FromMilliseconds(random.Next(300, 3000)));
            await country.AskUntilAsync(killing);
            await killing;
            kills++;
            Inspect(country, older, rows, now, "after a kill at a random instant", broken);
        }

        await country.StartAsync();
        Compare(truth, await country.AskAllAsync(), "after all kills", broken);
        await country.StopAsync();
        broken.AddRange(country.Municipalities.Select(code => (Code: code, OlderFile.Look(country.FileOf(code)).Version)).Where(file => file.Version != now)
            .Select(file => $"{file.Code} is still of version {file.Version}"));
        await NewerAsync(country, truth, now, broken);
        if (extent.Nightly && took.Elapsed > LongestMigration) broken.Add($"the upgrade took {took.Elapsed.TotalSeconds:0.0} s");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{country.Municipalities.Count} stores of versions 1001 to {now - 1000}, {kills} kills; started, upgraded and asked for everything in {took.Elapsed.TotalSeconds:0.0} s"), broken);
    }

    /// <summary>Makes every file one of an older version.</summary>
    /// <returns>Which.</returns>
    private static Dictionary<string, int> MakeOlder(Country country, Dictionary<string, byte[]> sound, Random random)
    {
        country.PutBack(sound);
        return sound.Keys.ToDictionary(
            code => code, code => OlderFile.Rewrite(country.FileOf(code), backbone: random.Next(1, 9), service: random.Next(1, 10)));
    }

    private static async Task KillAsync(Country country, TimeSpan after)
    {
        await Task.Delay(after);
        await country.KillAsync();
    }

    /// <summary>Each file is of its old version or of the new one, whole, with every row.</summary>
    private static void Inspect(
        Country country, Dictionary<string, int> older, Dictionary<string, string> rows, int now, string when, List<string> broken)
    {
        foreach (var (code, version) in older)
        {
            var (found, holds) = OlderFile.Look(country.FileOf(code));
            if (found != version && found != now) broken.Add($"{code} is of version {found} {when}, neither {version} nor {now}");
            if (holds != rows[code]) broken.Add($"{code}, of version {found}, {when}: {holds} instead of {rows[code]}");
        }
    }

    private static void Compare(Dictionary<string, string?> truth, Dictionary<string, Answered> answers, string when, List<string> broken) =>
        broken.AddRange(answers.Where(answer => answer.Value.Digest != truth[answer.Key])
            .Select(answer => $"{answer.Key} answers otherwise {when}: {answer.Value.Refusal?.Message ?? "other bytes"}"));

    /// <summary>One file is of a version that this program does not know: it says so, touches nothing, and the others go on.</summary>
    private static async Task NewerAsync(Country country, Dictionary<string, string?> truth, int now, List<string> broken)
    {
        var code = country.Municipalities[0];
        using (var file = StoreFile.At(country.FileOf(code))) file.Execute($"PRAGMA user_version = {now + 1000}");
        await country.StartAsync();
        var answers = await country.AskAllAsync();
        var refused = answers[code];
        answers.Remove(code);
        Compare(truth, answers, "beside a newer file", broken);
        if (refused.Reason != ErrorReason.StoreQuarantined || !refused.Refusal!.Status.Detail.Contains($"newer than the {now}", StringComparison.Ordinal)) broken.Add($"a newer file is answered with {refused.Refusal?.Message ?? "an answer"}");
        await country.StopAsync();
        if (OlderFile.Look(country.FileOf(code)).Version != now + 1000) broken.Add("the newer file was changed");
    }
}
