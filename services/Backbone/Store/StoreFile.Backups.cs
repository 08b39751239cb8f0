using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>What a store's file says of itself.</summary>
/// <param name="Source">The URN that it stamps.</param>
/// <param name="Position">Position of its last event.</param>
/// <param name="Sequence">Sequence of the last event under that source.</param>
internal sealed record StoreContents(string Source, long Position, long Sequence);

/// <content>Copies of the file: made while calls go on, and put back.</content>
internal sealed partial class StoreFile
{
    /// <summary>Fingerprint of the key that opens it.</summary>
    public string Key => vault.Fingerprint;

    /// <summary>Copies the store by SQLite's online backup: one snapshot, while writes go on.</summary>
    /// <exception cref="SqliteException">The store is damaged, or a disk fails.</exception>
    /// <exception cref="InvalidDataException">The copy is damaged, and the store is not.</exception>
    public StoreContents BackUp(string target)
    {
        StorageFaults.OfFiles(() =>
        {
            PrivateFile.Create(target);
            // Not empty, so that its pages carry checks from the first one on.
            File.WriteAllBytes(target, schema.Empty);
        });
        using var copy = OfCopy(() => Connect(target, readOnly: false));
        using (var store = OpenForReading())
        {
            try
            {
                store.BackupDatabase(copy);
            }
            catch (SqliteException error) when (StorageFaults.IsDamage(error))
            {
                // Of the two files SQLite does not say which one: both are read once more.
                if (!IsSound(store)) throw;
                if (!IsSound(copy)) throw Damaged();
                throw new InvalidDataException(
                    "a page of the store is damaged that holds nothing: calls are served as before, but the store is copied only once the page "
                    + "is used again; an earlier backup that is restored has no such page");
            }
        }

        return OfCopy(() =>
        {
            // One file that needs no journal beside it.
            SchemaScripts.Execute(copy, "PRAGMA journal_mode = DELETE");
            RequireSound(copy);
            return Contents(copy);
        });
    }

    /// <summary>Damage that is met in a copy says nothing of the store.</summary>
    private static T OfCopy<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error) when (StorageFaults.IsDamage(error))
        {
            throw Damaged();
        }
    }

    /// <summary>Keeps a copy of the service's key.</summary>
    public void KeepKey(string path) => vault.KeepCopy(path);

    /// <summary>The file that is to take the store's place, beside it. Who prepares it takes it away when nothing comes of it.</summary>
    public string Prepared => Path + ".restored";

    /// <summary>Makes that file: the backup, of a new epoch, its own events so far under the source that they always had.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="keyCopy">Where a copy of the key would be that opens the backup, when it is not the service's.</param>
    /// <exception cref="InvalidDataException">The backup cannot be used; the text says why.</exception>
    public void PrepareRestore(string backup, string keyCopy)
    {
        StorageFaults.OfFiles(() =>
        {
            PrivateFile.Discard(Prepared);
            PrivateFile.Create(Prepared);
            using var from = File.OpenRead(backup);
            using var to = new FileStream(Prepared, FileMode.Open, FileAccess.Write);
            from.CopyTo(to);
        });

        try
        {
            using var connection = Connect(Prepared, readOnly: false);
            SchemaScripts.Execute(connection, "PRAGMA journal_mode = WAL");
            RequireSound(connection);
            var (epoch, wrapped) = Identify(connection);
            schema.Apply(connection);
            SchemaScripts.Execute(connection, "BEGIN IMMEDIATE");
            BeginEpoch(connection, SourceOf(epoch), OurKey(wrapped, keyCopy));
            SchemaScripts.Execute(connection, "COMMIT");
        }
        catch (SqliteException error) when (StorageFaults.IsDamage(error))
        {
            throw Damaged();
        }
    }

    /// <summary>Makes that file empty: there is no backup.</summary>
    public void PrepareEmpty() => StorageFaults.OfFiles(() =>
    {
        PrivateFile.Discard(Prepared);
        Make(Prepared);
    });

    /// <summary>Writes into the prepared file what was done to it, and finishes it.</summary>
    public void Finish(Action<Commands, StoreKeys, StoreContents> note)
    {
        using (var connection = Connect(Prepared, readOnly: false))
        {
            using (var commands = new Commands(connection))
            using (var keys = vault.Unwrap(Identify(connection).WrappedKey, Name.ToString()))
            {
                SchemaScripts.Execute(connection, "BEGIN IMMEDIATE");
                note(commands, keys, Contents(connection));
                SchemaScripts.Execute(connection, "COMMIT");
            }

            // The rename moves one file: nothing may be left in the journal.
            SchemaScripts.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        StorageFaults.OfFiles(() =>
        {
            using var finished = new FileStream(Prepared, FileMode.Open, FileAccess.ReadWrite);
            finished.Flush(flushToDisk: true);
        });
    }

    /// <summary>Where the file is kept that a restore replaces.</summary>
    public string KeptPath() => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(path)!, "replaced", $"{Name.Origin}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}-{NewEpoch()}.db");

    /// <summary>Puts the prepared file in the place of the store, which must be closed, and keeps the old one.</summary>
    public void Replace(string kept) => StorageFaults.OfFiles(() =>
    {
        PrivateFile.MakeFolder(System.IO.Path.GetDirectoryName(kept)!);
        // A link stays, and leads to the new file. Where it leads to another disk, the old one is copied from there.
        var (store, prepared) = (Path, Prepared);
        // A journal that stayed behind would be taken for the new file's. Dying in between leaves no store, which is noticed.
        foreach (var part in new[] { "", "-mark", "-wal", "-shm" })
        {
            if (File.Exists(store + part)) File.Move(store + part, kept + part);
        }

        FailPoints.Hit("restore-between");
        PrivateFile.Move(prepared, store);
    });

    /// <summary>
    /// How many events the store raised that the prepared file does not hold: those behind the last position at which both logs
    /// hold the same event. Null when the store cannot be read.
    /// </summary>
    public long? CountMissing()
    {
        if (!Exists) return null;
        try
        {
            // SQLite would cut a damaged log and then delete it: a restore that fails later would leave a store that lost commits, and
            // nothing that tells so.
            StorageFaults.OfFiles(() => JournalMark.Require(Path));
            using var old = OpenForReading();
            using var copy = Connect(Prepared, readOnly: true);
            var (low, high) = (0L, Math.Min(Contents(old).Position, Contents(copy).Position));
            while (low < high)
            {
                var middle = low + ((high - low + 1) / 2);
                if (Same(old, copy, middle)) low = middle;
                else high = middle - 1;
            }

            return Number(old, $"SELECT COUNT(*) FROM events WHERE source_id <= 0 AND position > {low}");
        }
        catch (Exception error) when (error is SqliteException or InvalidDataException)
        {
            // A damaged store is why it is restored.
            return null;
        }
    }

    private static bool Same(SqliteConnection one, SqliteConnection other, long position)
    {
        var sql = $"SELECT hex(event_id) FROM events WHERE position <= {position} ORDER BY position DESC LIMIT 1";
        return Equals(Scalar(one, sql), Scalar(other, sql));
    }

    private static void BeginEpoch(SqliteConnection connection, string formerSource, byte[] wrappedKey)
    {
        using var begin = connection.CreateCommand();
        begin.CommandText = """
            INSERT INTO own_sources (source_id, source, events)
              SELECT COALESCE((SELECT MIN(source_id) FROM own_sources), 0) - 1, $former, COALESCE((SELECT MAX(sequence) FROM events WHERE source_id = 0), 0);
            UPDATE published SET source_id = (SELECT MIN(source_id) FROM own_sources) WHERE source_id = 0;
            UPDATE events SET source_id = (SELECT MIN(source_id) FROM own_sources) WHERE source_id = 0;
            UPDATE store SET epoch = $epoch, wrapped_key = $key
            """;
        begin.Set("$former", formerSource).Set("$epoch", NewEpoch()).Set("$key", wrappedKey).ExecuteNonQuery();
    }

    /// <summary>The data key as our service's key wraps it.</summary>
    private byte[] OurKey(byte[] wrapped, string keyCopy)
    {
        try
        {
            vault.Unwrap(wrapped, Name.ToString()).Dispose();
            return wrapped;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            if (!File.Exists(keyCopy)) throw new InvalidDataException($"another key sealed it, and {keyCopy} is not there");
            using var other = KeyVault.OpenCopy(keyCopy);
            return vault.Rewrap(wrapped, Name.ToString(), other);
        }
    }

    private StoreContents Contents(SqliteConnection connection)
    {
        var (epoch, _) = Identify(connection);
        return new StoreContents(
            SourceOf(epoch), Number(connection, "SELECT COALESCE(MAX(position), 0) FROM events"),
            Number(connection, "SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0"));
    }

    private static void RequireSound(SqliteConnection connection)
    {
        if (!IsSound(connection)) throw Damaged();
    }

    private static bool IsSound(SqliteConnection connection)
    {
        try
        {
            return Scalar(connection, "PRAGMA quick_check(1)") is "ok";
        }
        catch (SqliteException error) when (StorageFaults.IsDamage(error))
        {
            return false;
        }
    }

    private static InvalidDataException Damaged() => new("SQLite finds it damaged");

    private static long Number(SqliteConnection connection, string sql) => (long)Scalar(connection, sql)!;

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts are of this file; the numbers in them are ours.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
