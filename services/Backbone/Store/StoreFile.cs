using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>Which store of a service: a tenant's, or the platform's own when <paramref name="Tenant"/> is null.</summary>
/// <param name="Service">Service name, in lower case.</param>
/// <param name="Tenant">The tenant; null for the platform store.</param>
public readonly record struct StoreName(string Service, TenantId? Tenant)
{
    /// <summary>The organisation number that stands in every source: a test OIN until the platform has its own.</summary>
    private const string Oin = "00000099000000001000";

    /// <summary>The code of the tenant, or <c>platform</c>.</summary>
    public string Origin => Tenant?.Code ?? "platform";

    /// <summary>The URN that a store stamps on its events.</summary>
    public static string SourceOf(string service, string origin, string epoch) => $"urn:nld:oin:{Oin}:systeem:beschutwerk-{service}:{origin}:{epoch}";

    /// <inheritdoc/>
    public override string ToString() => $"{Service}/{Origin}";
}

/// <summary>Opens and makes the SQLite file of a store; the one place that builds a connection string.</summary>
internal sealed partial class StoreFile(StoreName name, string path, SchemaScripts schema, KeyVault vault)
{
    public StoreName Name { get; } = name;

    /// <summary>
    /// The file itself, also where a link leads to it, as to a disk of its own: SQLite keeps the log and we keep its mark beside the file,
    /// not beside the link. Asked each time: an operator may lay a link while the store is closed.
    /// </summary>
    public string Path => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    public bool Exists => StorageFaults.OfFiles(() => File.Exists(Path));

    /// <summary>Why no file can be in its place, and what an operator does then; null where one can be.</summary>
    public string? PlaceFault => StorageFaults.OfFiles(() =>
        Directory.Exists(Path) ? $"{Path} is a folder: take it away, and restore the store from a backup"
        : Directory.Exists(System.IO.Path.GetDirectoryName(Path)) ? null
        : $"its link leads to {Path}, whose folder is not there: mount its disk, or take the link away and restore the store from a backup");

    /// <summary>The URN that this store stamps on its events.</summary>
    public string SourceOf(string epoch) => StoreName.SourceOf(Name.Service, Name.Origin, epoch);

    /// <summary>Makes the file when it is not there yet, complete or not at all.</summary>
    public void Create()
    {
        StorageFaults.OfFiles(() =>
        {
            if (!Exists) MakeAndMove();
        });
    }

    private void MakeAndMove()
    {
        var temporary = Path + ".new";
        PrivateFile.Discard(temporary);
        try
        {
            Make(temporary);
            // Not flushed: nothing is acknowledged before the first commit, whose flush comes later in the journal of the file system.
            File.Move(temporary, Path);
        }
        catch
        {
            PrivateFile.Discard(temporary);
            throw;
        }
    }

    /// <summary>Makes an empty store, whole and on the disk, under a name of its own.</summary>
    private void Make(string temporary)
    {
        // Made first with its mode, so that SQLite gives the journal files the same.
        PrivateFile.Create(temporary);
        File.WriteAllBytes(temporary, schema.Empty);
        // Nobody knows this file yet: it needs no journal, and goes to the disk once, when it is whole.
        using (var connection = Connect(temporary, readOnly: false))
        {
            SchemaScripts.Execute(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
            var (keys, wrapped) = vault.Create(Name.ToString());
            keys.Dispose();
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO store VALUES (1, $service, $origin, $epoch, $key, $now)";
            insert.Set("$service", Name.Service).Set("$origin", Name.Origin).Set("$epoch", NewEpoch()).Set("$key", wrapped)
                .Set("$now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).ExecuteNonQuery();
        }

        using var finished = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite);
        // As PRAGMA journal_mode = WAL would say it, in one transaction more: write and read version of the file format.
        var first = new byte[schema.PageSize];
        finished.ReadExactly(first);
        (first[18], first[19]) = (2, 2);
        PageCheck.Write(first, 1);
        finished.Position = 0;
        finished.Write(first);
        finished.Flush(flushToDisk: true);
    }

    public (SqliteConnection Connection, string Source, string Epoch, StoreKeys Keys) OpenForWriting()
    {
        var store = StorageFaults.OfFiles(() =>
        {
            RequireContent();
            JournalMark.Require(Path);
            return Path;
        });
        var connection = Connect(store, readOnly: false);
        StoreKeys? keys = null;
        try
        {
            // Whose it is comes first: another store's file must not even be upgraded.
            var (epoch, wrapped) = Identify(connection);
            keys = vault.Unwrap(wrapped, Name.ToString());
            schema.Apply(connection);
            return (connection, SourceOf(epoch), epoch, keys);
        }
        catch
        {
            keys?.Dispose();
            connection.Dispose();
            throw;
        }
    }

    private (string Epoch, byte[] WrappedKey) Identify(SqliteConnection connection)
    {
        if (SchemaScripts.Pragma(connection, "user_version") > 0)
        {
            using var select = connection.CreateCommand();
            select.CommandText = "SELECT service, origin, epoch, wrapped_key FROM store";
            using var row = select.ExecuteReader();
            if (row.Read() && row.GetString(0) == Name.Service && row.GetString(1) == Name.Origin) return (row.GetString(2), row.GetFieldValue<byte[]>(3));
        }

        throw new InvalidDataException("its file is not this store's; put the right file back, or restore a backup");
    }

    /// <summary>Opens one more connection, which only reads.</summary>
    public SqliteConnection OpenForReading()
    {
        var store = StorageFaults.OfFiles(() =>
        {
            RequireContent();
            return Path;
        });
        var connection = Connect(store, readOnly: true);
        try
        {
            if (SchemaScripts.LostChecks(connection)) throw StorageFaults.Damaged("The header of the file says that its pages carry no checks any more.");
            // A store of before them is read only to count what a restore gives up.
            if (CheckedFiles.HasRoom(connection.Handle!)) CheckedFiles.RequireChecks(connection.Handle!);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Before SQLite opens it: at a file of no bytes it deletes the log, with all commits in it, and a writer that has it open goes on to
    /// acknowledge into a log that nobody finds again.
    /// </summary>
    private void RequireContent()
    {
        var file = new FileInfo(Path);
        if (!file.Exists) throw StorageFaults.Gone();
        if (file.Length == 0) throw StorageFaults.Damaged("The file is empty.");
    }

    private static SqliteConnection Connect(string path, bool readOnly)
    {
        SqliteEngine.Use();
        var connection = new StoreConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            // Never ReadWriteCreate: a typo must not make a store.
            Mode = SqliteOpenMode.ReadWrite,
            // Connections live as long as their store is open; a pool would keep files of forgotten stores.
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            // The writer's cache grows only where much is written; a checkpoint every 16,000 pages bounds the WAL to 64 MB.
            // The journal of savepoints stays in memory: beyond 64 KB SQLite would write every changed page to a temporary file too.
            // Pages that are given up are overwritten: what stood there is gone, and no page stays that was never written and has no check.
            SchemaScripts.Execute(connection, readOnly
                ? "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -2000"
                : "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16000; "
                    + "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal static string NewEpoch() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
}
