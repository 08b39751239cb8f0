using System.Runtime.Versioning;
using BeschutWerk.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BeschutWerk.Platform.Tests.Identity;

public sealed class IdentityFilesTests : IDisposable
{
    const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    const string SigningKeyFile = "signing-key.pem";

    static readonly ClientRegistration Amsterdam =
        new("gm0363", OrganisationKind.Municipality, "GM0363", "Amsterdam", ["GM0363"]);
    static readonly ClientRegistration Uwv = new("uwv", OrganisationKind.Uwv, "uwv", "UWV", []);

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read_the_files_and_the_folder()
    {
        await using var server = await TokenServer.Start(folder);
        await DemoAsync(server, Amsterdam);

        Assert.Equal(OwnerOnlyFile | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(
            ["audit.jsonl", "citizens.jsonl", "clients.json", "demo-clients.json", "first-operator", "person.key", "signing-key.pem"],
            files.Select(Path.GetFileName));
        Assert.All(files, file => Assert.Equal(OwnerOnlyFile, File.GetUnixFileMode(file)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_others_could_enter_is_closed_and_one_that_is_missing_is_made_closed()
    {
        Directory.CreateDirectory(folder, (UnixFileMode)0b111_101_101);
        var below = Path.Combine(folder, "data", "identity");
        await using (await TokenServer.Start(below)) { }
        await using (await TokenServer.Start(folder)) { }

        foreach (var closed in new[] { folder, Path.Combine(folder, "data"), below })
            Assert.Equal(OwnerOnlyFile | UnixFileMode.UserExecute, File.GetUnixFileMode(closed));
    }

    [Fact]
    public async Task Only_the_demo_file_holds_a_plain_secret()
    {
        await using var server = await TokenServer.Start(folder);
        var service = server.Clients.IssueServiceCredentials(["municipalities"])["municipalities"].ClientSecret;
        var uwv = server.Register(Uwv);
        var demo = (await DemoAsync(server, Amsterdam)).Single().ClientSecret;

        Assert.Equal([], FilesWith(service));
        Assert.Equal([], FilesWith(uwv));
        Assert.Equal(["demo-clients.json"], FilesWith(demo));
    }

    [Fact]
    public async Task Without_the_demo_there_is_no_demo_file()
    {
        await using var server = await TokenServer.Start(folder);
        server.Register(Amsterdam);

        Assert.False(File.Exists(Path.Combine(folder, DemoClients.FileName)));
    }

    [Fact]
    public async Task A_client_that_exists_keeps_its_secret_and_gets_its_new_details()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Uwv);

        var again = server.Clients.RegisterAll([Uwv with { OrganisationId = "uwv-smz" }]).Single();

        Assert.Null(again.NewSecret);
        var token = new JsonWebToken(await server.Token("uwv", secret));
        Assert.Equal("uwv-smz", token.GetClaim("organisation_id").Value);
    }

    [Fact]
    public async Task A_renewed_secret_replaces_the_old_one()
    {
        await using var server = await TokenServer.Start(folder);
        var old = server.Register(Uwv);

        var renewed = server.Clients.RegisterAll([Uwv], renewSecret: _ => true).Single().NewSecret!;

        using var withOld = await server.AskToken("uwv", old);
        using var withNew = await server.AskToken("uwv", renewed);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, withOld.StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, withNew.StatusCode);
    }

    [Fact]
    public async Task The_demo_run_again_hands_out_the_same_secrets()
    {
        IReadOnlyList<DemoClient> first;
        await using (var server = await TokenServer.Start(folder))
            first = await DemoAsync(server, Amsterdam, Uwv);

        await using var again = await TokenServer.Start(folder);
        var second = await DemoAsync(again, Amsterdam, Uwv);

        Assert.Equal(first.Select(client => client.ClientSecret), second.Select(client => client.ClientSecret));
        Assert.True((await again.Validate(await again.Token("uwv", second[1].ClientSecret))).IsValid);
    }

    [Fact]
    public async Task The_demo_whose_file_was_lost_hands_out_secrets_that_work()
    {
        await using var server = await TokenServer.Start(folder);
        await DemoAsync(server, Amsterdam);
        File.Delete(Path.Combine(folder, DemoClients.FileName));

        var second = (await DemoAsync(server, Amsterdam)).Single();

        Assert.True((await server.Validate(await server.Token("gm0363", second.ClientSecret))).IsValid);
    }

    [Fact]
    public async Task The_demo_whose_file_is_of_another_platform_hands_out_secrets_that_work()
    {
        var elsewhere = folder + "-elsewhere";
        try
        {
            await using (var other = await TokenServer.Start(elsewhere)) await DemoAsync(other, Amsterdam, Uwv);
            await using var server = await TokenServer.Start(folder);
            server.Register(Amsterdam);
            File.Copy(Path.Combine(elsewhere, DemoClients.FileName), Path.Combine(folder, DemoClients.FileName));

            foreach (var client in await DemoAsync(server, Amsterdam, Uwv))
                Assert.True((await server.Validate(await server.Token(client.ClientId, client.ClientSecret))).IsValid);
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task Without_the_first_operators_secret_the_demo_registers_nobody_and_says_why()
    {
        await using var server = await TokenServer.Start(folder);
        var missing = await Assert.ThrowsAsync<InvalidDataException>(() => DemoClients.RegisterAsync(server.Http, Path.Combine(folder, "nowhere"), [Amsterdam], Cancel));
        Assert.Contains("nowhere is not there", missing.Message, StringComparison.Ordinal);

        await DemoAsync(server);
        await File.WriteAllTextAsync(Path.Combine(folder, ServiceSecrets.FirstOperator), "another");
        var wrong = await Assert.ThrowsAsync<InvalidDataException>(() => DemoClients.RegisterAsync(server.Http, Path.Combine(folder, ServiceSecrets.FirstOperator), [Amsterdam], Cancel));
        Assert.Contains("does not know this secret", wrong.Message, StringComparison.Ordinal);
        Assert.Equal([], FilesWith("gm0363"));
    }

    [Fact]
    public async Task A_service_calls_others_with_a_token_of_its_own()
    {
        await using var server = await TokenServer.Start(folder);
        var credentials = server.Clients.IssueServiceCredentials(["municipalities", "sw-companies"])["sw-companies"];

        var token = new JsonWebToken(await server.Token(credentials.ClientId, credentials.ClientSecret));

        Assert.Equal("service", token.GetClaim("organisation_kind").Value);
        Assert.Equal("sw-companies", token.GetClaim("organisation_id").Value);
    }

    [Fact]
    public async Task Five_hundred_clients_are_registered_in_one_write()
    {
        await using var server = await TokenServer.Start(folder);
        const string end = "end";
        var writes = 0;
        using var ended = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
        watcher.Renamed += (_, change) => { if (change.Name == Clients.FileName) Interlocked.Increment(ref writes); };
        watcher.Created += (_, change) => { if (change.Name == end) ended.Release(); };
        watcher.EnableRaisingEvents = true;

        var registered = server.Clients.RegisterAll(Enumerable.Range(0, 500).Select(number =>
            new ClientRegistration($"gm{number:0000}", OrganisationKind.Municipality, $"GM{number:0000}", "A municipality", [$"GM{number:0000}"])));

        // Changes are reported in order: when this one is seen, so are all before it.
        await File.WriteAllTextAsync(Path.Combine(folder, end), "");
        Assert.True(await ended.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, Volatile.Read(ref writes));
        Assert.Equal(500, registered.Select(client => client.NewSecret).Distinct().Count());
        Assert.True((await server.Validate(await server.Token("gm0499", registered[499].NewSecret!))).IsValid);
    }

    [Fact]
    public async Task A_registration_with_the_wrong_reach_registers_nobody()
    {
        await using var server = await TokenServer.Start(folder);
        ClientRegistration[] wrong =
        [
            Amsterdam with { Municipalities = [] },
            Amsterdam with { Municipalities = ["0363"] },
            Uwv with { Municipalities = ["GM0363"] },
            Uwv with { ClientId = "../uwv" },
            Uwv with { OrganisationId = " " },
            new("citizen", OrganisationKind.Citizen, "citizen", "A citizen", ["GM0363", "GM0599"]),
        ];

        Assert.All(wrong, registration =>
            Assert.Throws<ArgumentException>(() => server.Clients.RegisterAll([Uwv with { ClientId = "good" }, registration])));
        Assert.Throws<ArgumentException>(() => server.Clients.RegisterAll([Uwv, Uwv]));
        Assert.False(File.Exists(Path.Combine(folder, Clients.FileName)));
    }

    [Theory]
    [InlineData(SigningKeyFile, "not a key")]
    [InlineData(Clients.FileName, "[{]")]
    [InlineData(Clients.FileName, "[{\"registration\":null,\"secret_sha256\":\"AA==\"}]")]
    public async Task A_damaged_file_refuses_the_start_with_a_sentence_and_is_left_alone(string name, string content)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, content);

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(folder));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public void Plain_http_is_refused_for_a_host_that_is_not_this_machine()
    {
        Directory.CreateDirectory(folder);
        var services = new ServiceCollection();

        var refusal = Assert.Throws<ArgumentException>(() =>
            services.AddIdentity(new IdentityOptions { DataFolder = folder, Issuer = new Uri("http://identity.example/") }));

        Assert.Contains("https://", refusal.Message, StringComparison.Ordinal);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Registers clients as the demo does: over HTTP, with the secret of the first operator.</summary>
    static Task<IReadOnlyList<DemoClient>> DemoAsync(TokenServer server, params ClientRegistration[] registrations)
    {
        ServiceSecrets.WriteFirstOperator(server.Clients, server.Options.DataFolder);
        return DemoClients.RegisterAsync(server.Http, Path.Combine(server.Options.DataFolder, ServiceSecrets.FirstOperator), registrations, Cancel);
    }

    IEnumerable<string?> FilesWith(string secret) =>
        Directory.GetFiles(folder).Where(file => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal)).Select(Path.GetFileName);
}
