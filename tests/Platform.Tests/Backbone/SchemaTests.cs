using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Host;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Stores are made and upgraded by numbered scripts, whole or not at all, and the EF models say the same.</summary>
public sealed class SchemaTests : NotesTest
{
    private static readonly string[] BackboneTables = ["store", "events", "sources", "parked", "requests", "persons", "tenants", "published", "operator_acts", "own_sources", "chains"];

    [Fact]
    public async Task An_upgrade_is_whole_or_not_at_all_also_when_the_process_is_killed()
    {
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Older).Dispose();
        Assert.Equal($"{SchemaUpgrade.Older.Version}: things", SchemaUpgrade.Look(Folder));

        await using (var killed = ChildProcess.Start("upgrade", Folder, failPoint: "before-schema-commit"))
        {
            Assert.NotEqual(0, await killed.ExitAsync(Cancel));
        }

        Assert.Equal($"{SchemaUpgrade.Older.Version}: things", SchemaUpgrade.Look(Folder));
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Older).Dispose();

        await using (var child = ChildProcess.Start("upgrade", Folder)) Assert.Equal(0, await child.ExitAsync(Cancel));
        Assert.Equal($"{SchemaUpgrade.Newer.Version}: more, things", SchemaUpgrade.Look(Folder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_script_that_fails_leaves_the_old_version(bool behindARow)
    {
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Older).Dispose();
        Assert.Throws<SqliteException>(() => SchemaUpgrade.Open(Folder, behindARow ? SchemaUpgrade.BrokenBehindARow : SchemaUpgrade.Broken));
        Assert.Equal($"{SchemaUpgrade.Older.Version}: things", SchemaUpgrade.Look(Folder));
    }

    [Fact]
    public void An_older_program_does_not_touch_a_newer_store()
    {
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Newer).Dispose();
        var refused = Assert.Throws<InvalidDataException>(() => SchemaUpgrade.Open(Folder, SchemaUpgrade.Older));
        Assert.Contains($"newer than the {SchemaUpgrade.Older.Version} of this program", refused.Message, StringComparison.Ordinal);
        Assert.Equal($"{SchemaUpgrade.Newer.Version}: more, things", SchemaUpgrade.Look(Folder));
    }

    [Fact]
    public async Task Columns_hold_what_the_conventions_promise_and_give_it_back()
    {
        await using var host = await StartAsync();
        var store = host.Notes.TenantStores.Get(await host.RegisterAsync(Amsterdam));
        var note = new Note
        {
            NoteId = Guid.ParseExact("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "D"), Text = "ë", AuthorId = Ids.New(), Day = new DateOnly(2017, 12, 31),
            RecordedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_514_764_799_999), Kind = NoteKind.Urgent, Version = 3,
        };
        var bare = new Note { NoteId = Ids.New(), Kind = NoteKind.Plain };
        await store.WriteAsync(NotesHost.By("gm"), session =>
        {
            session.Store.Notes.AddRange(note, bare);
            return true;
        });

        store.Read(BeschutWerk.Backbone.Store.Caller.OfService("test"), session =>
        {
            var stored = session.Command("SELECT hex(note_id) || ' ' || text || ' ' || length(author_id) || ' ' || day || ' ' || recorded_at || ' ' || kind FROM notes WHERE version = 3").ExecuteScalar();
            Assert.Equal("0190A1B2C3D47E5F8A9B0C1D2E3F4A5B ë 16 20171231 1514764799999 2", stored);
            Assert.Equivalent(note, session.Store.Notes.Single(found => found.NoteId == note.NoteId && found.Day < new DateOnly(2018, 1, 1) && found.AuthorId == note.AuthorId));
            Assert.Equivalent(bare, session.Store.Notes.Single(found => found.Day == null));
            return true;
        });
    }

    [Fact]
    public async Task A_reader_remembers_nothing_of_an_earlier_read()
    {
        await using var host = await StartAsync();
        var store = host.Notes.TenantStores.Get(await host.RegisterAsync(Amsterdam));
        var id = await store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, "old"));
        string Text() => store.Read(BeschutWerk.Backbone.Store.Caller.OfService("test"), session => session.Store.Notes.Find(id)!.Text);
        Assert.Equal("old", Text());
        await store.WriteAsync(NotesHost.By("gm"), session => session.Store.Notes.Find(id)!.Text = "new");
        Assert.Equal("new", Text());
    }

    [Fact]
    public async Task Every_EF_model_is_what_its_scripts_make()
    {
        await using var app = PlatformHost.Build(new PlatformOptions(Path.Combine(Folder, "host")));
        await using var host = await StartAsync();
        var runtimes = app.Services.GetServices<ServiceRuntime>().Append(host.Notes).Append(host.Readers).ToList();
        var held = new HashSet<Type>();
        foreach (var kinds in runtimes.Select(runtime => runtime.GetType().GetGenericArguments()))
        {
            foreach (var (context, isPlatform) in new[] { (kinds[0], false), (kinds[1], true) })
            {
                if (context == typeof(NoTenantStore)) continue;
                using var connection = new SqliteConnection("Data Source=:memory:");
                connection.Open();
                SchemaScripts.Of(kinds[1].Assembly, isPlatform).Apply(connection);
                Assert.Empty(DriftOf(context, connection));
                held.Add(context);
            }
        }

        var concrete = runtimes.Select(runtime => runtime.GetType().GetGenericArguments()[1].Assembly).Distinct()
            .SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(StoreContext)) && !type.IsAbstract);
        Assert.Subset(held, concrete.ToHashSet());
        Assert.True(held.Count >= 9, $"Only {held.Count} stores were compared.");
    }

    /// <summary>Where a model and its tables differ, as sentences.</summary>
    private static List<string> DriftOf(Type type, SqliteConnection connection)
    {
        var builder = (DbContextOptionsBuilder)Activator.CreateInstance(typeof(DbContextOptionsBuilder<>).MakeGenericType(type))!;
        using var context = (DbContext)Activator.CreateInstance(type, builder.UseSqlite(connection).Options)!;
        var drift = new List<string>();
        foreach (var table in context.Model.GetEntityTypes().GroupBy(entity => entity.GetTableName()!))
        {
            var model = table.SelectMany(entity => entity.GetProperties()).DistinctBy(property => property.GetColumnName()).ToDictionary(property => property.GetColumnName(), Shape);
            var made = Columns(connection, table.Key);
            drift.AddRange(model.Where(column => !made.ContainsKey(column.Key)).Select(column => $"{type.Name}: {table.Key}.{column.Key} is in no script"));
            // A service may know less of a table that the Backbone made.
            if (!BackboneTables.Contains(table.Key)) drift.AddRange(made.Where(column => !model.ContainsKey(column.Key)).Select(column => $"{type.Name}: {table.Key}.{column.Key} is in no model"));
            drift.AddRange(model.Where(column => made.TryGetValue(column.Key, out var script) && script != column.Value)
                .Select(column => $"{type.Name}: {table.Key}.{column.Key} is {made[column.Key]}, the model says {column.Value}"));
        }

        return drift;
    }

    private static string Shape(IProperty property) =>
        $"{property.GetColumnType()} {(property.IsPrimaryKey() ? "key" : property.IsNullable ? "null" : "not null")}";

    private static Dictionary<string, string> Columns(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, type, \"notnull\", pk FROM pragma_table_info($table)";
        command.Set("$table", table);
        using var row = command.ExecuteReader();
        var columns = new Dictionary<string, string>();
        while (row.Read()) columns.Add(row.GetString(0), $"{row.GetString(1)} {(row.GetInt32(3) > 0 ? "key" : row.GetInt32(2) == 0 ? "null" : "not null")}");
        return columns;
    }
}
