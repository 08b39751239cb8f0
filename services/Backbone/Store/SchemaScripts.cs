using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The numbered SQL scripts that make a store: Backbone's own, then the service's. All that is missing is applied in one
/// transaction at first open; <c>PRAGMA user_version</c> holds backbone number × 1,000 + service number.
/// </summary>
public sealed class SchemaScripts
{
    /// <summary>The script of Backbone since which every page carries a check.</summary>
    private const int FirstChecked = 9;

    /// <summary>
    /// Bytes of a file that SQLite rewrites in memory, as much as the writer's cache may hold. Most files are smaller, and for them the room
    /// for temporary files can be less: in a container that folder is in memory too, or read-only.
    /// </summary>
    private const long MostInMemory = 64 * 1024 * 1024;

    /// <summary>The folder of temporary files is one for the whole process.</summary>
    private static readonly Lock LargeRewrite = new();

    private readonly List<Script> _backbone;
    private readonly List<Script> _service;
    private readonly Lazy<byte[]> _empty;

    private SchemaScripts(List<Script> backbone, List<Script> service)
    {
        (_backbone, _service) = (backbone, service);
        _empty = new Lazy<byte[]>(MakeEmpty);
    }

    private sealed record Script(int Number, string Sql);

    /// <summary>The version that a store has after all scripts.</summary>
    public int Version => (Last(_backbone) * 1000) + Last(_service);

    /// <summary>The scripts of a store kind.</summary>
    /// <param name="service">Assembly that embeds <c>schema/tenant/NNNN.sql</c> and <c>schema/platform/NNNN.sql</c>.</param>
    /// <param name="platform">Whether the platform store is meant.</param>
    public static SchemaScripts Of(Assembly service, bool platform) => new(
        Read(typeof(SchemaScripts).Assembly, "schema/", name => platform || !name.Contains(".platform.", StringComparison.Ordinal)),
        Read(service, platform ? "schema/platform/" : "schema/tenant/", _ => true));

    /// <summary>The file of a store in which nothing stands yet. Made once: each store begins as a copy.</summary>
    internal ReadOnlySpan<byte> Empty => _empty.Value;

    /// <summary>Bytes of a page of that file.</summary>
    internal int PageSize => BinaryPrimitives.ReadUInt16BigEndian(Empty[16..]);

    /// <summary>Brings a store to this version.</summary>
    /// <exception cref="InvalidDataException">The store was written by a newer version of the program.</exception>
    public void Apply(SqliteConnection connection)
    {
        var found = Pragma(connection, "user_version");
        if (found == 0) CheckedFiles.MakeRoom(connection.Handle!);
        // First: a newer program may have laid out its pages in another way.
        if (found / 1000 > Last(_backbone) || found % 1000 > Last(_service))
        {
            throw new InvalidDataException($"it has schema {found}, newer than the {Version} of this program; start the newer program, or restore a backup");
        }

        if (!CheckedFiles.HasRoom(connection.Handle!)) AddChecks(connection);
        // What is made for the first time is in memory.
        if (found > 0) CheckedFiles.RequireChecks(connection.Handle!);
        if (found == Version) return;

        var missing = _backbone.Where(script => script.Number > found / 1000)
            .Concat(_service.Where(script => script.Number > found % 1000));
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            foreach (var script in missing) Execute(connection, script.Sql);
            Execute(connection, $"PRAGMA user_version = {Version}");
            FailPoints.Hit("before-schema-commit");
            Execute(connection, "COMMIT");
            FailPoints.Hit("after-schema-commit");
        }
        catch
        {
            // SQLite may have ended the transaction by itself, as it does when the disk is full.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0) Execute(connection, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Whether the file is of a program that wrote checks, and says that it has none.</summary>
    internal static bool LostChecks(SqliteConnection connection) =>
        Pragma(connection, "user_version") / 1000 >= FirstChecked && !CheckedFiles.HasRoom(connection.Handle!);

    /// <summary>Rewrites a file of an older program, so that every page carries a check.</summary>
    private static void AddChecks(SqliteConnection connection)
    {
        // Before the scripts: a program that dies in between finds checked pages of the old version, and goes on.
        if (LostChecks(connection))
        {
            throw new InvalidDataException("its file is damaged (its pages carry no checks any more); restore it from a backup");
        }

        var (folder, size, free) = StorageFaults.OfFiles(() =>
        {
            var file = new FileInfo(connection.DataSource);
            return (file.DirectoryName!, file.Length, new DriveInfo(file.DirectoryName!).AvailableFreeSpace);
        });
        // All of it in the log, and of a large one a copy. Refused at once: to fill the disk first would stop the other stores too.
        if (free < (size <= MostInMemory ? size + (size / 8) : 2 * size)) throw StorageFaults.NoRoom();
        CheckedFiles.MakeRoom(connection.Handle!);
        FailPoints.Hit("before-checks");
        var pagesInLog = Pragma(connection, "wal_autocheckpoint");
        Execute(connection, "PRAGMA wal_autocheckpoint = 0");
        if (size <= MostInMemory) Execute(connection, "VACUUM");
        else RewriteLarge(connection, folder);
        // No checkpoint may come before: it would write pages without checks.
        CheckedFiles.RequireChecks(connection.Handle!);
        Execute(connection, $"PRAGMA wal_autocheckpoint = {pagesInLog}");
        FailPoints.Hit("after-checks");
    }

    /// <summary>Rewrites a file with a copy of it on the disk, beside the file: there is room, and it may be written.</summary>
    private static void RewriteLarge(SqliteConnection connection, string folder)
    {
        lock (LargeRewrite)
        {
            Execute(connection, $"PRAGMA temp_store = FILE; PRAGMA temp_store_directory = '{folder.Replace("'", "''", StringComparison.Ordinal)}'");
            try
            {
                Execute(connection, "VACUUM");
            }
            finally
            {
                Execute(connection, "PRAGMA temp_store_directory = ''; PRAGMA temp_store = MEMORY");
            }
        }
    }

    /// <summary>Runs all statements of a text, up to the first that fails.</summary>
    /// <remarks>Not by SqliteCommand: once a statement returned a row, it tells no error of a later one.</remarks>
    internal static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    internal static int Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names are constants.
        command.CommandText = $"PRAGMA {name}";
#pragma warning restore CA2100
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private byte[] MakeEmpty()
    {
        SqliteEngine.Use();
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Apply(connection);
        var file = raw.sqlite3_serialize(connection.Handle, "main", out var length, 0);
        try
        {
            var bytes = new byte[length];
            Marshal.Copy(file, bytes, 0, bytes.Length);
            PageCheck.WriteAll(bytes, Pragma(connection, "page_size"));
            return bytes;
        }
        finally
        {
            raw.sqlite3_free(file);
        }
    }

    private static int Last(List<Script> scripts) => scripts.Count == 0 ? 0 : scripts[^1].Number;

    private static List<Script> Read(Assembly assembly, string folder, Func<string, bool> wanted) =>
        [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && wanted(name))
            .Select(name => new Script(int.Parse(name.AsSpan(folder.Length, 4), CultureInfo.InvariantCulture), Text(assembly, name)))
            .OrderBy(script => script.Number)];

    private static string Text(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
