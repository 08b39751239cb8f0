using System.Collections.Concurrent;
using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Persons are found by a keyed hash and readable by nobody without the key.</summary>
public sealed class PersonTests : NotesTest
{
    private static readonly Person Canary = new() { Bsn = "111222333", Name = "Kanarie van Zanten", BirthDate = new DateOnly(1987, 11, 23).ToDate() };

    [Fact]
    public async Task A_person_is_one_row_that_keeps_his_id_and_takes_his_newest_name()
    {
        var host = await StartAsync();
        var store = host.Notes.TenantStores.Get(await host.RegisterAsync(Amsterdam));
        var married = Canary.Clone();
        married.Name = "Kanarie Zanten-Vogel";
        var (first, again, changed, other) = await store.WriteAsync(NotesHost.By("gm"), session =>
            (session.Persons.FindOrAdd(Canary), session.Persons.FindOrAdd(Canary), session.Persons.FindOrAdd(married),
             session.Persons.FindOrAdd(new Person { Bsn = "123456782", Name = "Een ander", BirthDate = Canary.BirthDate })));

        Assert.Equal((first, first), (again, changed));
        Assert.NotEqual(first, other);
        store.Read(Caller.OfService("test"), session =>
        {
            Assert.Equal(married, session.Persons.Get(first));
            Assert.Equal(first, session.Persons.Find(Canary.Bsn));
            Assert.Null(session.Persons.Find("987654321"));
            Assert.Equal(2L, session.Command("SELECT COUNT(*) FROM persons").ExecuteScalar());
            return true;
        });
    }

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
        await Eventually(() => host.Readers.TenantStores.Get(BeschutWerk.Backbone.Tenancy.TenantId.Parse(Amsterdam)).Exists, "the event travelled");

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
