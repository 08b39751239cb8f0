using System.Text.Json;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Municipalities;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary>What all commands share: where they find the platform and their client, errors, exit codes, questions.</summary>
[Collection(nameof(BwPlatform))]
public sealed class CommandLineTests(MunicipalityPlatform platform) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bw-").FullName;

    [Fact]
    public async Task A_client_comes_from_the_environment_from_a_file_or_from_the_demo()
    {
        var clients = platform.App.Services.GetRequiredService<Clients>().RegisterAll(
            [new("bw-operator", OrganisationKind.Operator, "bw", "bw", []), new("bw-gm0363", OrganisationKind.Municipality, Amsterdam, Amsterdam, [Amsterdam])], renewSecret: _ => true);
        var secret = clients[0].NewSecret!;

        Assert.Equal(0, await StatusAsync(new() { ["BW_CLIENT_ID"] = "bw-operator", ["BW_CLIENT_SECRET"] = secret }));
        Assert.Equal(0, await StatusAsync([], "--client", "bw-operator", "--client-file", Secret("plain", secret)));
        Assert.Equal(0, await StatusAsync([], "--client-file", Secret("bw-operator", secret + "\n")));
        Assert.Equal(0, await StatusAsync(new() { ["BW_CLIENT_FILE"] = Secret("one.json", JsonSerializer.Serialize(new { client_id = "bw-operator", client_secret = secret })) }));

        // The clients of the demo, of which the operator is taken unless another is named.
        Directory.CreateDirectory(Path.Combine(_folder, "identity"));
        Secret("identity/demo-clients.json", JsonSerializer.Serialize(clients.Select(client => new
        {
            client_id = client.Registration.ClientId, client_secret = client.NewSecret, organisation_kind = client.Registration.Kind.ToString().ToLowerInvariant(),
        })));
        Assert.Equal(0, await StatusAsync([], "--data", _folder));
        Assert.Equal(1, await StatusAsync([], "--data", _folder, "--client", "bw-gm0363"));
        var own = await BwRun.InProcessAsync("events", "read", Amsterdam, "--limit", "1", "--data", _folder, "--client", "bw-gm0363", "--address", platform.Options.GrpcAddress, "--authority", platform.Options.Authority);
        Assert.Equal((0, 1), (own.ExitCode, own.Lines.Length));
    }

    [Fact]
    public async Task Without_a_client_or_the_right_secret_nothing_is_asked_and_why_is_one_sentence()
    {
        await FailsAsync($"bw: No client to ask as: {_folder}/identity/first-operator is not there. Set BW_DATA to the platform's data folder, or BW_CLIENT_ID and BW_CLIENT_FILE.\n", "--data", _folder);
        await FailsAsync($"bw: The token server at {platform.Options.Authority} does not know client wrong or its secret.\n", "--client-file", Secret("wrong", "wrong"));
        await FailsAsync($"bw: {_folder}/strange holds no client other: say which of its clients with --client.\n", "--client-file", Secret("strange", "[]"), "--client", "other");
        await FailsAsync($"bw: {_folder}/broken is no JSON with client_id and client_secret.\n", "--client-file", Secret("broken", "{"));
        await FailsAsync(
            $"bw: {_folder}/known has no client_secret: the client existed when it was registered. Take the file of then, or renew the secret.\n",
            "--client-file", Secret("known", """[{"client_id":"gm0363"}]"""));
        var open = Secret("open", "secret");
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await FailsAsync($"bw: {open} holds a secret and others may read it: chmod 600 {open}.\n", "--client-file", open);

        async Task FailsAsync(string sentence, params string[] arguments)
        {
            var run = await BwRun.InProcessAsync(["status", "--address", platform.Options.GrpcAddress, "--authority", platform.Options.Authority, .. arguments]);
            Assert.Equal((2, "", sentence), (run.ExitCode, run.Output, run.Error));
        }
    }

    [Fact]
    public async Task A_wrong_command_line_is_3_and_says_what_is_wrong_with_it()
    {
        await WrongAsync("bw: Unrecognized command or argument 'stauts'.", "stauts");
        await WrongAsync("bw: --address is no address: here. Write http://host:port.", "status", "--address", "here");
        await WrongAsync("bw: --at uvw=http://localhost:1 names no service: write one of municipalities, uwv, swcompanies, knowledge, insight, then =http://host:port.", "status", "--at", "uvw=http://localhost:1");
        await WrongAsync("bw: Option '--reason' is required.", "tenants", "suspend", Amsterdam);

        static async Task WrongAsync(string sentence, params string[] arguments)
        {
            var run = await BwRun.InProcessAsync(arguments);
            Assert.Equal((3, ""), (run.ExitCode, run.Output));
            Assert.Contains(sentence + "\n", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_json_a_failure_is_JSON_too()
    {
        var run = await BwRun.InProcessAsync(["tenants", "register", "GM0519", "--json", "--name", "", "--province", "x", "--region", "36", "--region-name", "x", .. BwRun.At(platform.Options)]);
        var error = JsonDocument.Parse(run.Error).RootElement;
        Assert.Equal(("", 1, "INVALID_FIELDS"), (run.Output, error.GetProperty("exitCode").GetInt32(), error.GetProperty("reason").GetString()));
        Assert.Equal(["name", "labour_market_region", "municipality"], error.GetProperty("violations").EnumerateArray().Select(violation => violation.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task On_a_terminal_it_asks_and_takes_no_for_an_answer()
    {
        var caseId = await platform.OpenedAsync(Terschelling);
        await BwRun.InProcessAsync(["backup", Terschelling, .. BwRun.At(platform.Options)]);
        var restore = $"{Path.Combine(AppContext.BaseDirectory, "bw")} restore {Terschelling} --reason test {string.Join(' ', BwRun.At(platform.Options))}";
        using var terminal = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("script", ["-qec", restore, "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await terminal.StandardInput.WriteLineAsync("n");
        var run = await BwRun.EndAsync(terminal);
        Assert.Matches(@"Replace \d store\(s\) of GM0093\? Calls are refused meanwhile, and what was recorded since is lost to them\. \[y/N\]", run.Output);
        Assert.Contains("bw: Not confirmed. Nothing was changed.", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(caseId, (await platform.CaseAsync(caseId, Terschelling)).CaseId);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<int> StatusAsync(Dictionary<string, string> environment, params string[] arguments) =>
        (await BwRun.ProcessAsync(environment, ["status", "--address", platform.Options.GrpcAddress, "--authority", platform.Options.Authority, .. arguments])).ExitCode;

    private string Secret(string name, string content)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
