using System.Collections.Concurrent;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Persons are found by a keyed hash and readable by nobody without the key.</summary>
public sealed class PersonTests : NotesTest
{
    private static readonly Person Canary = new() { Bsn = "111222333", Name = "Kanarie van Zanten", BirthDate = new DateOnly(1987, 11, 23).ToDate() };

    private static readonly Person Other = new() { Bsn = "123456782", Name = "Een ander", BirthDate = Canary.BirthDate };

    [Fact]
    public async Task A_person_is_one_record_and_what_is_on_record_stays()
    {
        var store = await StoreAsync();
        var changed = Canary.Clone();
        (changed.Name, changed.BirthDate) = ("Kanarie Zanten-Vogel", new DateOnly(1987, 11, 24).ToDate());
        var renamed = Canary.Clone();
        renamed.Name = changed.Name;
        var (first, again, named, both, other) = await store.WriteAsync(NotesHost.By("gm"), session =>
            (session.Persons.FindOrAdd(Canary), session.Persons.FindOrAdd(Canary), session.Persons.FindOrAdd(renamed), session.Persons.FindOrAdd(changed),
             session.Persons.FindOrAdd(Other)));

        Assert.Equal(new FoundPerson(first.PersonId, PersonDifference.None), first);
        Assert.Equal(first, again);
        Assert.Equal(first with { Differs = PersonDifference.Name }, named);
        Assert.Equal(first with { Differs = PersonDifference.Name | PersonDifference.BirthDate }, both);
        Assert.NotEqual(first.PersonId, other.PersonId);
        AssertRecords(store, (Canary, first.PersonId), (Other, other.PersonId));
    }

    [Fact]
    public async Task A_corrected_record_keeps_its_id_and_the_wrong_BSN_finds_nobody()
    {
        var store = await StoreAsync();
        var corrected = Canary.Clone();
        (corrected.Bsn, corrected.Name) = (Other.Bsn, "Kanarie de Vogel");
        var (known, record) = await store.WriteAsync(NotesHost.By("gm"), session =>
        {
            var known = session.Persons.FindOrAdd(Canary).PersonId;
            return (known, session.Persons.Correct(known, corrected, isShared: false));
        });

        Assert.Equal(known, record);
        AssertRecords(store, (corrected, record));
    }

    [Fact]
    public async Task A_correction_joins_the_record_that_the_BSN_has_and_leaves_one_that_is_right_for_others()
    {
        var store = await StoreAsync();
        var joined = Canary.Clone();
        joined.Bsn = Other.Bsn;
        var (known, other) = await store.WriteAsync(NotesHost.By("gm"), session =>
        {
            var (known, other) = (session.Persons.FindOrAdd(Canary).PersonId, session.Persons.FindOrAdd(Other).PersonId);
            Assert.Equal(other, session.Persons.Correct(known, joined, isShared: false));
            session.Persons.Forget(known);
            return (known, other);
        });
        AssertRecords(store, (joined, other));

        var added = await store.WriteAsync(NotesHost.By("gm"), session => session.Persons.Correct(other, Canary, isShared: true));
        Assert.DoesNotContain(added, new[] { known, other });
        AssertRecords(store, (joined, other), (Canary, added));
    }

    private async Task<StoreHandle<NotesStore>> StoreAsync()
    {
        var host = await StartAsync();
        return host.Notes.TenantStores.Get(await host.RegisterAsync(Amsterdam));
    }

    private static void AssertRecords(StoreHandle<NotesStore> store, params (Person Person, Guid Id)[] expected) => store.Read(Caller.OfService("test"), session =>
    {
        Assert.Equal((long)expected.Length, session.Command("SELECT COUNT(*) FROM persons").ExecuteScalar());
        Assert.All(expected, record => Assert.Equal((record.Person, record.Id), (session.Persons.Get(record.Id), session.Persons.Find(record.Person.Bsn))));
        return true;
    });

    [Fact]
    public async Task The_same_person_has_another_hash_and_other_bytes_in_every_store()
    {
        var host = await StartAsync();
        var hashes = new List<string>();
        foreach (var code in new[] { Amsterdam, "GM0599" })
        {
            var store = host.Notes.TenantStores.Get(await host.RegisterAsync(code));
            hashes.Add(Convert.ToHexString(await store.WriteAsync(NotesHost.By("gm"), session => session.Persons.HashOf(Canary.Bsn))));
        }

        Assert.NotEqual(hashes[0], hashes[1]);
    }

    [Fact]
    public async Task No_byte_of_the_data_folder_log_or_refusals_names_a_person()
    {
        var logged = new ConcurrentQueue<string>();
        var host = await ServeAsync(options => options with
        {
            Adjust = builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Trace);
                builder.Services.AddSingleton<ILoggerProvider>(new Remember(logged));
            },
        });
        await host.RegisterAsync(Amsterdam);
        var client = new CaseService.CaseServiceClient(Municipality(host, Amsterdam));
        var request = new OpenCaseRequest
        {
            Municipality = Amsterdam, RequestId = Ids.New().Text(), Person = Canary, Source = CandidateSource.Bijstand,
            Benefit = Benefit.Participatiewet, OpenedOn = new DateOnly(2018, 1, 2).ToDate(),
        };
        var answer = await client.OpenCaseAsync(request);

        var refusals = new List<string>();
        foreach (var spoil in new Action<OpenCaseRequest>[] { r => r.Benefit = 0, r => r.Person.Bsn = Canary.Bsn + "4", r => r.OpenedOn = new DateOnly(2999, 1, 1).ToDate(), r => r.Person.Name = "" })
        {
            var bad = request.Clone();
            spoil(bad);
            var refused = await Assert.ThrowsAsync<RpcException>(() => client.OpenCaseAsync(bad).ResponseAsync);
            refusals.Add($"{refused} {refused.GetRpcStatus()}");
        }

        var reused = request.Clone();
        reused.Person.Name += " de Jong";
        refusals.Add($"{await Assert.ThrowsAsync<RpcException>(() => client.OpenCaseAsync(reused).ResponseAsync)}");
        // An error that nobody foresaw, and that quotes what was sent.
        var unforeseen = request.Clone();
        (unforeseen.RequestId, unforeseen.Person.Name) = (Ids.New().Text(), Canary.Name + CaseCalls.Quoted);
        var failed = await Assert.ThrowsAsync<RpcException>(() => client.OpenCaseAsync(unforeseen).ResponseAsync);
        Assert.Equal(StatusCode.Internal, failed.StatusCode);
        refusals.Add($"{failed} {failed.GetRpcStatus()}");
        Assert.Contains(logged, line => line.Contains("System.InvalidOperationException", StringComparison.Ordinal) && line.Contains(nameof(CaseCalls), StringComparison.Ordinal));
        await Eventually(() => host.Readers.TenantStores.Get(BeschutWerk.Backbone.Store.TenantId.Parse(Amsterdam)).Exists, "the event travelled");

        var files = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0).ToList();
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        foreach (var file in files) AssertClean(file, ReadShared(file));
        AssertClean("log", Encoding.UTF8.GetBytes(string.Join('\n', logged)));
        AssertClean("refusals", Encoding.UTF8.GetBytes(string.Join('\n', refusals)));
        AssertClean("answer", Encoding.UTF8.GetBytes(answer.ToString()));
        Assert.NotEmpty(logged);
        // That the search finds what is there to be found: the case's own id is not sealed.
        Assert.Contains(files, file => Contains(ReadShared(file), Encoding.UTF8.GetBytes(request.RequestId)));
    }

    /// <summary>In every writing that somebody may have thought of.</summary>
    private static void AssertClean(string where, byte[] bytes)
    {
        string[] texts = [Canary.Bsn, Canary.Name, "Kanarie", "1987-11-23", "19871123", "23-11-1987", "1987, \"month\": 11"];
        byte[][] forms =
        [
            .. texts.Select(Encoding.UTF8.GetBytes), .. texts.Select(Encoding.Unicode.GetBytes), Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary.Name))[..16]),
            // As protobuf writes the date, and as SQLite stores a number of four bytes.
            Google.Protobuf.MessageExtensions.ToByteArray(Canary.BirthDate), [0x01, 0x2F, 0x35, 0x93], BitConverter.GetBytes(int.Parse(Canary.Bsn)), [.. BitConverter.GetBytes(int.Parse(Canary.Bsn)).Reverse()],
        ];
        foreach (var form in forms) Assert.False(Contains(bytes, form), $"{where} holds {Convert.ToHexString(form)}.");
    }

    private static bool Contains(byte[] bytes, byte[] form) => bytes.AsSpan().IndexOf(form) >= 0;

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class Remember(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
