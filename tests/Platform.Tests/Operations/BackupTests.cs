using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Sector.Persons;
using BeschutWerk.TestProcesses;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>A backup is one moment of a store, taken while calls go on; a restored store is that moment, in a new epoch.</summary>
public sealed class BackupTests : OperatorTest
{
    [Fact]
    public async Task A_backup_is_taken_while_writes_go_on_and_restores_to_exactly_its_position()
    {
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++) await Host.AddAsync(Tenant, $"{writer}-{i}");
        }, Cancel)).ToList();
        await Eventually(() => Host.Notes.Feed(Tenant).Head() > 500, "much is written");
        var before = Host.Notes.Feed(Tenant).Head();
        var backup = await BackUpAsync();
        var after = Host.Notes.Feed(Tenant).Head();
        await enough.CancelAsync();
        await Task.WhenAll(writers);
        Assert.InRange(backup.Position, before, after);
        var log = Host.Log(Tenant);
        Assert.True(log.Count > backup.Position, "Nothing was written after the backup.");

        var restored = await RestoreAsync(backup);
        var theirs = Host.Notes.Feed(Tenant).ReadAfter(0, 1_000_000);
        Assert.Equal((backup.Position, log.Count - backup.Position), (restored.Position, restored.LostEvents));
        // The events keep their source, number and id: whoever reads them again knows them.
        Assert.Equal(log.Take((int)backup.Position), theirs);
        Assert.Equal(backup.Position, NotesOf(Tenant));

        // What comes now has the new source and counts from one.
        await Host.AddAsync(Tenant, "since");
        var since = Assert.Single(Host.Log(Tenant)).Event;
        Assert.Equal((restored.Source, 1), (since.Source, since.Sequence));
        Assert.NotEqual(restored.FormerSource, restored.Source);
        Assert.Equal(log[0].Event.Source, restored.FormerSource);
        Assert.Empty((await VerifyAsync("municipalities")).Findings);

        // The replaced file is whole and beside.
        var replaced = Path.Combine(Folder, restored.ReplacedFile);
        Assert.Equal(log.Count, CountEvents(replaced));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(replaced));
    }

    [Fact]
    public async Task What_is_acknowledged_while_a_store_is_replaced_stands_in_the_old_file_or_in_the_new_store()
    {
        await Host.AddAsync(Tenant, "before");
        var backup = await BackUpAsync();
        using var enough = new CancellationTokenSource();
        var (acknowledged, refused) = (new System.Collections.Concurrent.ConcurrentBag<string>(), new System.Collections.Concurrent.ConcurrentBag<ErrorReason>());
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                try
                {
                    await Host.AddAsync(Tenant, $"{writer}-{i}");
                    acknowledged.Add($"{writer}-{i}");
                }
                catch (BeschutWerk.Backbone.Store.RefusalException error)
                {
                    refused.Add(error.Refusal.Reason);
                    await Task.Yield();
                }
            }
        }, Cancel)).ToList();
        await Eventually(() => acknowledged.Count > 200, "much is written before");
        var restored = await RestoreAsync(backup);
        var written = acknowledged.Count;
        await Eventually(() => acknowledged.Count > written + 200, "much is written after");
        await enough.CancelAsync();
        await Task.WhenAll(writers);

        var old = SubjectsOf(Path.Combine(Folder, restored.ReplacedFile));
        var now = Host.Notes.Feed(Tenant).ReadAfter(0, 1_000_000).Select(logged => logged.Event.Subject).ToList();
        Assert.Equal(old.Count - 1, restored.LostEvents);
        Assert.Equal(acknowledged.Order(), old.Skip(1).Concat(now.Skip(1)).Order());
        Assert.All(refused, reason => Assert.Equal(ErrorReason.StoreQuarantined, reason));
    }

    [Fact]
    public async Task Nobody_but_the_owner_enters_the_folders_of_backups_or_reads_a_file_of_them()
    {
        // As an earlier program left them, which narrowed the last folder only.
        var backups = Path.Combine(Folder, "backups");
        Directory.CreateDirectory(Path.Combine(backups, "municipalities"));
        foreach (var wide in new[] { backups, Path.Combine(backups, "municipalities") })
        {
            File.SetUnixFileMode(wide, (UnixFileMode)0b111_101_101);
        }

        await Host.AddAsync(Tenant, "a");
        await BackUpAsync();
        await RestoreAsync(await BackUpAsync());

        string[] places = [backups, Path.Combine(Folder, "backup-keys"), Path.Combine(Folder, "municipalities", "replaced")];
        var folders = Directory.EnumerateDirectories(backups, "*", SearchOption.AllDirectories).Concat(places).ToList();
        Assert.True(folders.Count > 4);
        Assert.All(folders, folder => Assert.Equal((folder, (UnixFileMode)0b111_000_000), (folder, File.GetUnixFileMode(folder))));
        var files = places.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).ToList();
        Assert.True(files.Count > 4);
        Assert.All(files, file => Assert.Equal((file, (UnixFileMode)0b110_000_000), (file, File.GetUnixFileMode(file))));
    }

    [Fact]
    public async Task Many_first_backups_at_once_all_succeed()
    {
        var codes = Enumerable.Range(1, 16).Select(i => $"GM{i:0000}").ToList();
        foreach (var code in codes) await Host.AddAsync(await Host.RegisterAsync(code), "a");
        var backups = await Task.WhenAll(codes.Select(code => Task.Run(() => BackUpAsync(municipality: code), Cancel)));
        Assert.Equal(codes, backups.Select(backup => backup.Municipality));
    }

    [Fact]
    public async Task Resume_tokens_from_before_are_refused_with_their_reason_also_while_a_client_reads()
    {
        var client = new EventService.EventServiceClient(Municipality(Host, Amsterdam));
        foreach (var text in new[] { "a", "b" }) await Host.AddAsync(Tenant, text);
        var backup = await BackUpAsync();
        await Host.AddAsync(Tenant, "c");
        using var live = client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        while (true)
        {
            Assert.True(await live.ResponseStream.MoveNext(Cancel));
            if (live.ResponseStream.Current.CaughtUp is not null) break;
        }

        var token = live.ResponseStream.Current.ResumeToken;
        await RestoreAsync(backup);
        // Not skipped: this one takes the position of the lost event.
        await Host.AddAsync(Tenant, "instead of c");
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await live.ResponseStream.MoveNext(Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel)) Assert.Null(live.ResponseStream.Current.Event);
        });
        Assert.Contains(ended.StatusCode, new[] { StatusCode.OutOfRange, StatusCode.Unavailable });
        Assert.Equal(ErrorReason.TokenOfAnotherStore, await RefusedAsync(() => client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = token }).ResponseAsync));
        var again = await Assert.ThrowsAsync<RpcException>(async () => await client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, After = token }).ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.OutOfRange, again.StatusCode);

        var page = await client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam });
        Assert.Equal(["a", "b", "instead of c"], page.Events.Select(read => read.Subject));
        Assert.True(page.EndReached);
    }

    [Fact]
    public async Task The_same_call_again_gets_its_answer_and_restores_nothing_twice()
    {
        await Host.AddAsync(Tenant, "a");
        var key = Ids.New();
        var backup = await BackUpAsync(key);
        Assert.Equal(backup, await BackUpAsync(key));
        var other = await BackUpAsync();
        var listed = (await AsOperator.ListBackupsAsync(new ListBackupsRequest { Municipality = Amsterdam, PageSize = 1 }));
        Assert.Equal(other, Assert.Single(listed.Backups));
        Assert.Equal([backup], (await AsOperator.ListBackupsAsync(new ListBackupsRequest { Municipality = Amsterdam, PageToken = listed.NextPageToken })).Backups);

        var restore = Ids.New();
        var first = await RestoreAsync(backup, restore);
        await Host.AddAsync(Tenant, "b");
        Assert.Equal(first, await RestoreAsync(backup, restore));
        Assert.Equal(["a", "b"], Host.Notes.Feed(Tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));

        var act = (await AsOperator.ListOperatorActsAsync(new ListOperatorActsRequest { Municipality = Amsterdam })).Acts[0];
        Assert.Equal(("RESTORED", backup.BackupId, "a test", "operator:operator"), (act.Act, act.Subject, act.Reason, act.Actor));
    }

    [Fact]
    public async Task Persons_are_opened_by_the_kept_key_also_where_the_service_has_another()
    {
        var person = new Person { Bsn = "999990019", Name = "A. Proef", BirthDate = new Google.Type.Date { Year = 1990, Month = 1, Day = 2 } };
        var id = await Host.Notes.TenantStores.Get(Tenant).WriteAsync(NotesHost.By("gm"), session => session.Persons.FindOrAdd(person).PersonId);
        var backup = await BackUpAsync();
        var kept = Path.Combine(Folder, "backup-keys", $"municipalities-{backup.Key}.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Folder, "keys", "municipalities.key")), File.ReadAllBytes(kept));
        foreach (var folder in new[] { "backups", "backups/municipalities", $"backups/municipalities/{Amsterdam}", "backup-keys" })
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Path.Combine(Folder, folder)));
        // Without a key nobody stands in the backup.
        Assert.DoesNotContain("Proef", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(BackupPath(backup))), StringComparison.Ordinal);

        // Everything of the service is lost but the backups.
        await Host.DisposeAsync();
        Directory.Delete(Path.Combine(Folder, "municipalities"), recursive: true);
        File.Delete(Path.Combine(Folder, "keys", "municipalities.key"));
        await ServeOperatorAsync(register: true);
        File.Move(kept, kept + ".away");
        Assert.Equal(ErrorReason.BackupUnusable, await RefusedAsync(() => RestoreAsync(backup)));
        File.Move(kept + ".away", kept);
        await RestoreAsync(backup);
        var store = Host.Notes.TenantStores.Get(Tenant);
        Assert.Equal(person, store.Read(Caller.OfService("test"), session => session.Persons.Get(id)));
        Assert.Equal(id, store.Read(Caller.OfService("test"), session => session.Persons.Find(person.Bsn)));
        var verified = await VerifyAsync("municipalities");
        Assert.Equal(1, verified.Persons);
        Assert.Empty(verified.Findings);
    }

    [Fact]
    public async Task A_store_that_is_lost_or_damaged_is_restored_and_a_damaged_backup_is_not()
    {
        await Host.AddAsync(Tenant, "a");
        var backup = await BackUpAsync();
        var damaged = await BackUpAsync();
        using (var file = new FileStream(BackupPath(damaged), FileMode.Open)) file.Write(new byte[100]);
        Assert.Equal(ErrorReason.BackupUnusable, await RefusedAsync(() => RestoreAsync(damaged)));
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => RestoreAsync(new Backup { BackupId = "20200101t000000000z-none" })));
        Assert.Single(Host.Log(Tenant));

        await Host.DisposeAsync();
        var path = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        File.Delete(path);
        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Host.AddAsync(Tenant, "b")));
        var restored = await RestoreAsync(backup);
        Assert.False(restored.HasLostEvents);
        Assert.Equal("", restored.ReplacedFile);
        await Host.AddAsync(Tenant, "b");

        await Host.DisposeAsync();
        File.WriteAllText(path, "this is no database");
        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Host.AddAsync(Tenant, "c")));
        var quarantined = Assert.Single((await AsOperator.GetStatusAsync(new GetStatusRequest())).Quarantined);
        Assert.Equal("municipalities/" + Amsterdam, quarantined.Store);
        restored = await RestoreAsync(backup);
        Assert.False(restored.HasLostEvents);
        Assert.Equal("this is no database", File.ReadAllText(Path.Combine(Folder, restored.ReplacedFile)));
        await Host.AddAsync(Tenant, "c");
        Assert.Empty((await AsOperator.GetStatusAsync(new GetStatusRequest())).Quarantined);
        Assert.Equal(["a", "c"], Host.Notes.Feed(Tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));
    }

    [Fact]
    public async Task Killed_between_the_old_file_and_the_new_the_store_is_missing_with_a_sentence_and_restored_again()
    {
        await Host.AddAsync(Tenant, "a");
        var backup = await BackUpAsync();
        await Host.AddAsync(Tenant, "b");
        await Host.DisposeAsync();

        var ports = (FreePort.Next(), FreePort.Next());
        await using (var child = ChildProcess.Start("serve", Folder, ports, failPoint: "restore-between"))
        {
            var secret = (await child.ReadLineAsync(Cancel))!.Split(' ')[1];
            using var channel = BeschutWerk.Backbone.Grpc.PlatformChannel.To($"http://localhost:{ports.Item1}");
            var tokens = new AccessTokens(new HttpClient(), $"http://localhost:{ports.Item2}/", "operator", secret);
            var client = new OperationsService.OperationsServiceClient(BeschutWerk.Backbone.Grpc.PlatformChannel.As(channel, tokens.GetAsync));
            await Assert.ThrowsAsync<RpcException>(() => client.RestoreStoreAsync(Restore(backup, Ids.New())).ResponseAsync);
            await child.ExitAsync(Cancel);
        }

        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Host.AddAsync(Tenant, "c")));
        await RestoreAsync(backup);
        Assert.Equal(["a"], Host.Notes.Feed(Tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));
        // Nothing of the old store is gone: it lies beside.
        Assert.Equal(2, CountEvents(Assert.Single(Directory.GetFiles(Path.Combine(Folder, "municipalities", "replaced"), "*.db"))));
    }

    private Task<VerifyStoreResponse> VerifyAsync(string service) =>
        AsOperator.VerifyStoreAsync(new VerifyStoreRequest { Service = service, Municipality = Amsterdam }).ResponseAsync;

    private string BackupPath(Backup backup) => Path.Combine(Folder, "backups", backup.Service, Amsterdam, backup.BackupId + ".db");

    private long NotesOf(TenantId tenant) => Host.Notes.TenantStores.Get(tenant).Read(Caller.OfService("test"), session => session.Store.Notes.Count());

    private static int CountEvents(string path) => SubjectsOf(path).Count;

    private static List<string> SubjectsOf(string path)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT subject FROM events ORDER BY position";
        using var row = command.ExecuteReader();
        var subjects = new List<string>();
        while (row.Read()) subjects.Add(row.GetString(0));
        return subjects;
    }
}
