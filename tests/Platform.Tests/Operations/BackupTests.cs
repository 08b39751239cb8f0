using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.TestProcesses;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>A backup is one moment of a store, taken while calls go on; a restored store is that moment, in a new epoch.</summary>
public sealed class BackupTests : NotesTest
{
    private NotesHost _host = null!;
    private TenantId _tenant;
    private OperationsService.OperationsServiceClient _operator = null!;

    public override async ValueTask InitializeAsync() => await ServeOperatorAsync(register: true);

    [Fact]
    public async Task A_backup_is_taken_while_writes_go_on_and_restores_to_exactly_its_position()
    {
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++) await _host.AddAsync(_tenant, $"{writer}-{i}");
        }, Cancel)).ToList();
        await Eventually(() => _host.Notes.Feed(_tenant).Head() > 500, "much is written");
        var before = _host.Notes.Feed(_tenant).Head();
        var backup = await BackUpAsync();
        var after = _host.Notes.Feed(_tenant).Head();
        await enough.CancelAsync();
        await Task.WhenAll(writers);
        Assert.InRange(backup.Position, before, after);
        var log = _host.Log(_tenant);
        Assert.True(log.Count > backup.Position, "Nothing was written after the backup.");

        var restored = await RestoreAsync(backup);
        var theirs = _host.Notes.Feed(_tenant).ReadAfter(0, 1_000_000);
        Assert.Equal((backup.Position, log.Count - backup.Position), (restored.Position, restored.LostEvents));
        // The events keep their source, number and id: whoever reads them again knows them.
        Assert.Equal(log.Take((int)backup.Position), theirs);
        Assert.Equal(backup.Position, NotesOf(_tenant));

        // What comes now has the new source and counts from one.
        await _host.AddAsync(_tenant, "since");
        var since = Assert.Single(_host.Log(_tenant)).Event;
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
        await _host.AddAsync(_tenant, "before");
        var backup = await BackUpAsync();
        using var enough = new CancellationTokenSource();
        var (acknowledged, refused) = (new System.Collections.Concurrent.ConcurrentBag<string>(), new System.Collections.Concurrent.ConcurrentBag<ErrorReason>());
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                try
                {
                    await _host.AddAsync(_tenant, $"{writer}-{i}");
                    acknowledged.Add($"{writer}-{i}");
                }
                catch (BeschutWerk.Backbone.Grpc.RefusalException error)
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
        var now = _host.Notes.Feed(_tenant).ReadAfter(0, 1_000_000).Select(logged => logged.Event.Subject).ToList();
        Assert.Equal(old.Count - 1, restored.LostEvents);
        Assert.Equal(acknowledged.Order(), old.Skip(1).Concat(now.Skip(1)).Order());
        Assert.All(refused, reason => Assert.Equal(ErrorReason.StoreQuarantined, reason));
    }

    [Fact]
    public async Task Resume_tokens_from_before_are_refused_with_their_reason_also_while_a_client_reads()
    {
        var client = new EventService.EventServiceClient(Municipality(_host, Amsterdam));
        foreach (var text in new[] { "a", "b" }) await _host.AddAsync(_tenant, text);
        var backup = await BackUpAsync();
        await _host.AddAsync(_tenant, "c");
        using var live = client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        while (true)
        {
            Assert.True(await live.ResponseStream.MoveNext(Cancel));
            if (live.ResponseStream.Current.CaughtUp is not null) break;
        }

        var token = live.ResponseStream.Current.ResumeToken;
        await RestoreAsync(backup);
        // Not skipped: this one takes the position of the lost event.
        await _host.AddAsync(_tenant, "instead of c");
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
        await _host.AddAsync(_tenant, "a");
        var key = Ids.New();
        var backup = await BackUpAsync(key);
        Assert.Equal(backup, await BackUpAsync(key));
        var other = await BackUpAsync();
        var listed = (await _operator.ListBackupsAsync(new ListBackupsRequest { Municipality = Amsterdam, PageSize = 1 }));
        Assert.Equal(other, Assert.Single(listed.Backups));
        Assert.Equal([backup], (await _operator.ListBackupsAsync(new ListBackupsRequest { Municipality = Amsterdam, PageToken = listed.NextPageToken })).Backups);

        var restore = Ids.New();
        var first = await RestoreAsync(backup, restore);
        await _host.AddAsync(_tenant, "b");
        Assert.Equal(first, await RestoreAsync(backup, restore));
        Assert.Equal(["a", "b"], _host.Notes.Feed(_tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));

        var act = (await _operator.ListOperatorActsAsync(new ListOperatorActsRequest { Municipality = Amsterdam })).Acts[0];
        Assert.Equal(("RESTORED", backup.BackupId, "a test", "operator:operator"), (act.Act, act.Subject, act.Reason, act.Actor));
    }

    [Fact]
    public async Task Persons_are_opened_by_the_kept_key_also_where_the_service_has_another()
    {
        var person = new Person { Bsn = "999990019", Name = "A. Proef", BirthDate = new Google.Type.Date { Year = 1990, Month = 1, Day = 2 } };
        var id = await _host.Notes.TenantStores.Get(_tenant).WriteAsync(NotesHost.By("gm"), session => session.Persons.FindOrAdd(person));
        var backup = await BackUpAsync();
        var kept = Path.Combine(Folder, "backups", "keys", $"municipalities-{backup.Key}.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Folder, "keys", "municipalities.key")), File.ReadAllBytes(kept));
        // Without a key nobody stands in the backup.
        Assert.DoesNotContain("Proef", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(BackupPath(backup))), StringComparison.Ordinal);

        // Everything of the service is lost but the backups.
        await _host.DisposeAsync();
        Directory.Delete(Path.Combine(Folder, "municipalities"), recursive: true);
        File.Delete(Path.Combine(Folder, "keys", "municipalities.key"));
        await ServeOperatorAsync(register: true);
        File.Move(kept, kept + ".away");
        Assert.Equal(ErrorReason.BackupUnusable, await RefusedAsync(() => RestoreAsync(backup)));
        File.Move(kept + ".away", kept);
        await RestoreAsync(backup);
        var store = _host.Notes.TenantStores.Get(_tenant);
        Assert.Equal(person, store.Read(Caller.OfService("test"), session => session.Persons.Get(id)));
        Assert.Equal(id, store.Read(Caller.OfService("test"), session => session.Persons.Find(person.Bsn)));
        var verified = await VerifyAsync("municipalities");
        Assert.Equal(1, verified.Persons);
        Assert.Empty(verified.Findings);
    }

    [Fact]
    public async Task A_store_that_is_lost_or_damaged_is_restored_and_a_damaged_backup_is_not()
    {
        await _host.AddAsync(_tenant, "a");
        var backup = await BackUpAsync();
        var damaged = await BackUpAsync();
        using (var file = new FileStream(BackupPath(damaged), FileMode.Open)) file.Write(new byte[100]);
        Assert.Equal(ErrorReason.BackupUnusable, await RefusedAsync(() => RestoreAsync(damaged)));
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => RestoreAsync(new Backup { BackupId = "20200101t000000000z-none" })));
        Assert.Single(_host.Log(_tenant));

        await _host.DisposeAsync();
        var path = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        File.Delete(path);
        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "b")));
        var restored = await RestoreAsync(backup);
        Assert.False(restored.HasLostEvents);
        Assert.Equal("", restored.ReplacedFile);
        await _host.AddAsync(_tenant, "b");

        await _host.DisposeAsync();
        File.WriteAllText(path, "this is no database");
        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "c")));
        var quarantined = Assert.Single((await _operator.GetStatusAsync(new GetStatusRequest())).Quarantined);
        Assert.Equal("municipalities/" + Amsterdam, quarantined.Store);
        restored = await RestoreAsync(backup);
        Assert.False(restored.HasLostEvents);
        Assert.Equal("this is no database", File.ReadAllText(Path.Combine(Folder, restored.ReplacedFile)));
        await _host.AddAsync(_tenant, "c");
        Assert.Empty((await _operator.GetStatusAsync(new GetStatusRequest())).Quarantined);
        Assert.Equal(["a", "c"], _host.Notes.Feed(_tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));
    }

    [Fact]
    public async Task Killed_between_the_old_file_and_the_new_the_store_is_missing_with_a_sentence_and_restored_again()
    {
        await _host.AddAsync(_tenant, "a");
        var backup = await BackUpAsync();
        await _host.AddAsync(_tenant, "b");
        await _host.DisposeAsync();

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
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "c")));
        await RestoreAsync(backup);
        Assert.Equal(["a"], _host.Notes.Feed(_tenant).ReadAfter(0, 10).Select(logged => logged.Event.Subject));
        // Nothing of the old store is gone: it lies beside.
        Assert.Equal(2, CountEvents(Assert.Single(Directory.GetFiles(Path.Combine(Folder, "municipalities", "replaced"), "*.db"))));
    }

    [Fact]
    public async Task The_platform_store_is_restored_too_and_forgets_who_was_registered_since()
    {
        var backup = await BackUpAsync(municipality: "");
        await _host.RegisterAsync("GM0599");
        await RestoreAsync(backup, municipality: "");
        Assert.Equal([_tenant], _host.Notes.Tenants.All);
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => _host.AddAsync(TenantId.Parse("GM0599"), "a")));
        await _host.RegisterAsync("GM0599");
        await _host.AddAsync(TenantId.Parse("GM0599"), "a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_platform_store_that_is_damaged_or_missing_at_the_start_is_in_quarantine_until_it_is_restored(bool missing)
    {
        var backup = await BackUpAsync(municipality: "");
        await _host.DisposeAsync();
        var file = Path.Combine(Folder, backup.Service, "platform.db");
        foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, "platform.db*")) File.Delete(part);
        if (!missing) await File.WriteAllTextAsync(file, "no store", Cancel);

        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.Notes.AdmitAsync(_tenant, alsoSuspended: true, Cancel).AsTask()));
        await RestoreAsync(backup, municipality: "");
        Assert.Equal([_tenant], _host.Notes.Tenants.All);
        await _host.AddAsync(_tenant, "goes on");
    }

    private async Task ServeOperatorAsync(bool register)
    {
        _host = await ServeAsync();
        _tenant = register ? await _host.RegisterAsync(Amsterdam) : TenantId.Parse(Amsterdam);
        _operator = new OperationsService.OperationsServiceClient(Operator(_host));
    }

    private async Task<Backup> BackUpAsync(Guid? key = null, string? municipality = null) => (await _operator.BackupStoreAsync(
        new BackupStoreRequest { Municipality = municipality ?? Amsterdam, RequestId = (key ?? Ids.New()).Text() })).Backup;

    private Task<RestoreStoreResponse> RestoreAsync(Backup backup, Guid? key = null, string? municipality = null) =>
        _operator.RestoreStoreAsync(Restore(backup, key ?? Ids.New(), municipality)).ResponseAsync;

    private static RestoreStoreRequest Restore(Backup backup, Guid key, string? municipality = null) =>
        new() { Municipality = municipality ?? Amsterdam, BackupId = backup.BackupId, Reason = "a test", RequestId = key.Text() };

    private Task<VerifyStoreResponse> VerifyAsync(string service) =>
        _operator.VerifyStoreAsync(new VerifyStoreRequest { Service = service, Municipality = Amsterdam }).ResponseAsync;

    private string BackupPath(Backup backup) => Path.Combine(Folder, "backups", backup.Service, Amsterdam, backup.BackupId + ".db");

    private long NotesOf(TenantId tenant) => _host.Notes.TenantStores.Get(tenant).Read(Caller.OfService("test"), session => session.Store.Notes.Count());

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
