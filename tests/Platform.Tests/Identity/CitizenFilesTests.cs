using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>
/// Whom a pseudonym stands for outlives a crash, is not lost unseen, and is not believed where it cannot be written down. Alone, for a
/// disk that is full here changes what files of this process are open.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CitizenFilesTests : BindingTest
{
    [Fact]
    public async Task A_process_that_is_killed_forgets_nobody()
    {
        await using var identity = new ServiceUnderTest("Identity");
        var address = $"http://localhost:{identity.HttpPort}/";
        string[] arguments = [$"--Data:Folder={Folder}", $"--Http:Port={identity.HttpPort}"];
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        string? secret = null;
        for (var life = 0; life < 3; life++)
        {
            identity.Start(arguments);
            await PlatformFixture.Eventually(async () => await ServesAsync(http), $"it serves; it wrote {identity.Output}");
            if (secret is null)
            {
                var first = await File.ReadAllTextAsync(Path.Combine(Folder, "identity", "first-operator"));
                using var request = new HttpRequestMessage(HttpMethod.Post, "clients")
                {
                    Content = new StringContent(
                        """[{"client_id":"portal","kind":"citizen","organisation_id":"portal","name":"Portal","municipalities":[],"is_portal":true}]""",
                        Encoding.UTF8, "application/json"),
                };
                request.Headers.Authorization = TokenServer.Basic("first-operator", first);
                using var registered = await http.SendAsync(request);
                secret = (await registered.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("client_secret").GetString()!;
            }

            Assert.Equal(HttpStatusCode.OK, (await AskAsync(Citizen, Ann)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(Citizen, Ben)).StatusCode);
            await identity.KillAsync();
        }

        Task<HttpResponseMessage> AskAsync(string citizen, string bsn) => http.PostAsync("connect/token", Form(secret!, citizen, bsn, "portal"));

        static async Task<bool> ServesAsync(HttpClient http)
        {
            try
            {
                return (await http.GetAsync("health")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // Not yet.
                return false;
            }
        }
    }

    [Fact]
    public async Task What_a_crash_cut_off_is_bound_anew_and_told_and_a_file_that_was_changed_or_a_lost_key_stops_the_start()
    {
        string secret;
        var (citizens, key) = (Path.Combine(Folder, "citizens.jsonl"), Path.Combine(Folder, "person.key"));
        await using (var server = await TokenServer.Start(Folder))
        {
            secret = server.Register(Portal);
            await TakenAsync(server, secret, Citizen, Ann);
            await TakenAsync(server, secret, Other, Ben);
        }

        var whole = await File.ReadAllTextAsync(citizens);
        await File.WriteAllTextAsync(citizens, whole[..^10]);
        await using (var server = await TokenServer.Start(Folder))
        {
            await RefusedAsync(server, secret, Citizen, Ben, HttpStatusCode.Forbidden, "access_denied");
            await TakenAsync(server, secret, Other, Ben);
        }

        Assert.Equal("The process died before the effect of row 3 and the rows behind it.", Text(Assert.Single(Rows("NOT_DONE")), "detail"));
        await using (await TokenServer.Start(Folder)) { }
        Assert.Single(Rows("NOT_DONE"));

        whole = await File.ReadAllTextAsync(citizens);
        string[] damaged =
        [
            "{}\n" + whole, "\n" + whole, whole + whole.Split('\n')[0] + "\n",
            whole.Replace("\"person\":\"", "\"person\":\"AAAA", StringComparison.Ordinal),
        ];
        foreach (var changed in damaged)
        {
            await File.WriteAllTextAsync(citizens, changed);
            Assert.Contains(citizens, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(Folder))).Message, StringComparison.Ordinal);
            Assert.Equal(changed, await File.ReadAllTextAsync(citizens));
        }

        await File.WriteAllTextAsync(citizens, whole);
        File.Move(key, key + ".kept");
        Assert.Contains(key, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(Folder))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
        await File.WriteAllTextAsync(key, "too short");
        Assert.Contains(key, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(Folder))).Message, StringComparison.Ordinal);
        File.Move(key + ".kept", key, overwrite: true);
        await using var again = await TokenServer.Start(Folder);
        await TakenAsync(again, secret, Citizen, Ann);
    }

    [Fact]
    public async Task Who_cannot_be_written_down_gets_no_token_and_who_is_known_does()
    {
        string secret;
        await using (var server = await TokenServer.Start(Folder))
        {
            secret = server.Register(Portal);
            await TakenAsync(server, secret, Citizen, Ann);
            foreach (var name in new[] { "citizens.jsonl", "audit.jsonl" })
            {
                using var full = new FullDisk(Path.Combine(Folder, name));
                await RefusedAsync(server, secret, Other, Ben, HttpStatusCode.ServiceUnavailable, "temporarily_unavailable");
                await TakenAsync(server, secret, Citizen, Ann);
            }

            // What was not written bound nobody.
            await TakenAsync(server, secret, Other, Ann);
        }

        Assert.Equal("citizens.jsonl could not be written: row 3 and those behind it had no effect.", Text(Assert.Single(Rows("NOT_DONE")), "detail"));
        Assert.Equal(3, Rows("CITIZEN_BOUND").Count);
        await using var again = await TokenServer.Start(Folder);
        await RefusedAsync(again, secret, Other, Ben, HttpStatusCode.Forbidden, "access_denied");
        Assert.Empty(Rows("CHAIN_BROKEN"));
        Assert.Single(Rows("NOT_DONE"));
    }
}
