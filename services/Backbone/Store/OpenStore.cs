using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace BeschutWerk.Backbone.Store;

/// <summary>The connections of a store while it is open: one that writes, and readers as they are needed.</summary>
internal sealed class OpenStore<TStore> : IDisposable where TStore : StoreContext
{
    // Readers kept for the next read; more are made and closed under load, which costs as much as dozens of reads. Many
    // calls read the platform's store at once, few that of one tenant.
    private const int ReadersKept = 2, PlatformReadersKept = 16;

    // Of SQLite's machine, between two looks at whether anybody still waits for a read: about a millisecond.
    private const int StepsPerLook = 20_000;

    private readonly StoreFile _file;
    private readonly SqliteConnection _connection;
    private readonly StoreKeys _keys;
    private readonly Commands _commands;
    private readonly Lazy<TStore> _context;
    private readonly ConcurrentBag<Reader> _readers = [];
    private readonly int _readersKept;
    private bool _toDisk = true; // as the file is opened
    private int _idleReaders; // beside the bag, because its Count takes all of its locks

    public OpenStore(StoreFile file)
    {
        _file = file;
        _readersKept = file.Name.Tenant is null ? PlatformReadersKept : ReadersKept;
        (_connection, Source, Epoch, _keys) = file.OpenForWriting();
        _commands = new Commands(_connection);
        try
        {
            CountParked();
        }
        catch
        {
            _commands.Dispose();
            _connection.Dispose();
            _keys.Dispose();
            throw;
        }

        // Most stores are opened to read a page of the log: EF Core comes when a use case asks for it.
        _context = new Lazy<TStore>(() => NewContext(_connection), LazyThreadSafetyMode.None);
        Events = new EventWriter(_commands, file.Name, Source);
        Session = new WriteSession<TStore>(file.Name, _context, _commands, _keys, Events);
    }

    /// <summary>The URN that own events carry.</summary>
    public string Source { get; }

    public string Epoch { get; }

    public EventWriter Events { get; }

    /// <summary>The newest events; replaced after each commit that appended any.</summary>
    public LogTail Tail
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    } = LogTail.Empty;

    public WriteSession<TStore> Session { get; }

    /// <summary>Events parked in it.</summary>
    public int Parked { get; private set; }

    public StoreKeys Keys => _keys;

    /// <summary>Whether SQLite ended the transaction by itself, as it does when the disk is full.</summary>
    public bool TransactionIsGone => raw.sqlite3_get_autocommit(_connection.Handle) != 0;

    public void ResetStatements() => _commands.ResetStatements();

    /// <summary>Counts the parked events; by the writer, after it parked or let go some.</summary>
    public void CountParked()
    {
        // Not kept prepared: it runs at opening and then hardly ever, in hundreds of stores.
        using var count = _connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM parked";
        Parked = Convert.ToInt32(count.ExecuteScalar());
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="toDisk">Whether its commit waits until it is on the disk, with all that was committed before.</param>
    public void Begin(bool toDisk)
    {
        // Of what is written to a file without a name nothing is found at the next start.
        if (toDisk && CheckedFiles.IsGone(_connection.Handle!)) throw StorageFaults.Gone();
        if (toDisk != _toDisk)
        {
            // It takes effect when it is prepared, so it must not be kept prepared.
            SchemaScripts.Execute(_connection, toDisk ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _toDisk = toDisk;
        }

        Execute("BEGIN IMMEDIATE");
    }

    /// <summary>Runs one statement of the writer itself; it does so around every operation.</summary>
    public void Execute(string sql) => _commands.GetStatement(sql).Run();

    public T Read<T>(Caller caller, DateOnly today, Func<ReadSession<TStore>, T> read, CancellationToken cancel)
    {
        if (_readers.TryTake(out var reader)) Interlocked.Decrement(ref _idleReaders);
        else reader = new Reader(this);
        var isSound = false;
        try
        {
            var answer = reader.Read(caller, today, read, cancel);
            isSound = true;
            return answer;
        }
        catch (Exception error) when (!StorageFaults.IsStorage(error))
        {
            // A refusal says nothing against the connection.
            isSound = reader.TryEnd();
            throw;
        }
        finally
        {
            if (isSound && TryKeep()) _readers.Add(reader);
            else reader.Dispose();
        }
    }

    private bool TryKeep()
    {
        if (Interlocked.Increment(ref _idleReaders) <= _readersKept) return true;
        Interlocked.Decrement(ref _idleReaders);
        return false;
    }

    public void Dispose()
    {
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _commands.Dispose();
        if (_context.IsValueCreated) _context.Value.Dispose();
        _connection.Dispose();
        _keys.Dispose();
    }

    private static TStore NewContext(SqliteConnection connection)
    {
        var context = (TStore)Activator.CreateInstance(typeof(TStore), new DbContextOptionsBuilder<TStore>().UseSqlite(connection).Options)!;
        // The writer says BEGIN and COMMIT itself, around many operations.
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        return context;
    }

    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly Commands _commands;
        private readonly Lazy<TStore> _context;
        private readonly ReadSession<TStore> _session;

        public Reader(OpenStore<TStore> store)
        {
            _connection = store._file.OpenForReading();
            _commands = new Commands(_connection);
            _context = new Lazy<TStore>(
                () =>
                {
                    var context = NewContext(_connection);
                    context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
                    return context;
                },
                LazyThreadSafetyMode.None);
            _session = new ReadSession<TStore>(store._file.Name, store.Source, store.Epoch, _context, _commands, store._keys);
            raw.sqlite3_progress_handler(_connection.Handle, StepsPerLook, _ => _session.Cancel.IsCancellationRequested ? 1 : 0, null);
        }

        public T Read<T>(Caller caller, DateOnly today, Func<ReadSession<TStore>, T> read, CancellationToken cancel)
        {
            _session.Caller = caller;
            _session.Today = today;
            _session.Cancel = cancel;
            // One snapshot for all statements of the read.
            _commands.GetStatement("BEGIN").Run();
            var answer = read(_session);
            _session.Cancel = CancellationToken.None;
            _commands.GetStatement("COMMIT").Run();
            Forget();
            return answer;
        }

        /// <summary>Ends the snapshot of a read that failed. It throws nothing: why the read failed is what its caller is told.</summary>
        /// <returns>Whether the next read may use the connection.</returns>
        public bool TryEnd()
        {
            // One that was left half-way would hold the snapshot.
            _commands.ResetStatements();
            Forget();
            return raw.sqlite3_exec(_connection.Handle, "ROLLBACK") == raw.SQLITE_OK;
        }

        private void Forget()
        {
            _session.Cancel = CancellationToken.None;
            if (_context.IsValueCreated) _context.Value.ChangeTracker.Clear();
        }

        public void Dispose()
        {
            _commands.Dispose();
            if (_context.IsValueCreated) _context.Value.Dispose();
            _connection.Dispose();
        }
    }
}
