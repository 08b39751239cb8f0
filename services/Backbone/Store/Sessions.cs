using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// One operation inside the writer's transaction. Synchronous, rerunnable, and without ambient state: between BEGIN and
/// COMMIT there is only SQLite.
/// </summary>
/// <typeparam name="TStore">The service's store.</typeparam>
public sealed class WriteSession<TStore> where TStore : StoreContext
{
    private readonly Commands _commands;
    private readonly EventWriter _events;
    private readonly StoreName _name;
    private readonly Lazy<TStore> _store;
    private readonly List<Action> _afterCommit = [];
    private WriteInfo _info;
    private bool _parkedChanged;

    internal WriteSession(StoreName name, Lazy<TStore> store, Commands commands, StoreKeys keys, EventWriter events) =>
        (_name, _store, _commands, Keys, _events) = (name, store, commands, keys, events);

    /// <summary>The service's tables; saved for you when the operation returns.</summary>
    public TStore Store => _store.Value;

    /// <summary>Who acts.</summary>
    public Caller Caller => _info.Caller;

    /// <summary>When this is recorded, to the millisecond.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>The day in Europe/Amsterdam.</summary>
    public DateOnly Today { get; private set; }

    /// <summary>The tenant whose store this is.</summary>
    public TenantId Tenant => _name.Tenant ?? throw new InvalidOperationException("The platform store belongs to no tenant.");

    /// <summary>Seals what only this store may read, such as a secret.</summary>
    public StoreKeys Keys { get; }

    internal EventWriter Events => _events;

    internal IReadOnlyList<Action> AfterCommits => _afterCommit;

    /// <summary>Appends an own event to the log, in this transaction.</summary>
    /// <param name="event">A message of an events.proto; no person in it.</param>
    /// <param name="subject">Pseudonymous id that it is about.</param>
    /// <param name="sizeIsBounded">The use case bounds its size, and a test holds that: measuring a hundred items as JSON costs more than storing them.</param>
    public void Raise(IMessage @event, string subject, bool sizeIsBounded = false) => _events.AppendOwn(@event, subject, _info, Now, sizeIsBounded);

    /// <summary>A prepared command of this connection, kept by its text; for paths where EF Core is too slow.</summary>
    public SqliteCommand Command(string sql) => _commands.Get(sql);

    /// <summary>The same without ADO.NET, for what every call, event or row of a bulk report runs.</summary>
    public Statement Statement(string sql) => _commands.GetStatement(sql);

    /// <summary>Events were parked or let go: how many there are is counted anew after the commit.</summary>
    internal void ParkedChanged() => _parkedChanged = true;

    internal bool TakeParkedChanged() => _parkedChanged && !(_parkedChanged = false);

    /// <summary>Runs after the commit, before anybody is answered; never when the operation fails.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>Writes tracked changes now, for an operation that reads them back by SQL.</summary>
    public void Flush()
    {
        if (!_store.IsValueCreated || !Store.ChangeTracker.HasChanges()) return;
        // HasChanges has just compared every entity with what was read: once is enough.
        Store.ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            Store.SaveChanges();
        }
        finally
        {
            Store.ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    /// <summary>The next operation starts from what stands in the file.</summary>
    internal void Forget()
    {
        if (_store.IsValueCreated) Store.ChangeTracker.Clear();
    }

    internal void Begin(WriteInfo info, DateTimeOffset now, DateOnly today)
    {
        _info = info;
        Now = now;
        Today = today;
        _afterCommit.Clear();
    }

    /// <summary>For a reaction: what it raises is caused by the event, not by whoever delivered it.</summary>
    internal void CausedBy(TraceCause cause) => _info = _info with { Cause = cause };
}

/// <summary>Reads of one store in one snapshot, without tracking.</summary>
/// <typeparam name="TStore">The service's store.</typeparam>
public sealed class ReadSession<TStore> where TStore : StoreContext
{
    private readonly Commands _commands;
    private readonly Lazy<TStore> _store;

    internal ReadSession(StoreName name, string source, string epoch, Lazy<TStore> store, Commands commands, StoreKeys keys) =>
        (Name, Source, Epoch, _store, _commands, Keys) = (name, source, epoch, store, commands, keys);

    /// <summary>The service's tables, untracked.</summary>
    public TStore Store => _store.Value;

    /// <summary>Which store this is.</summary>
    public StoreName Name { get; }

    /// <summary>Who reads.</summary>
    public Caller Caller { get; internal set; } = null!;

    /// <summary>The day in Europe/Amsterdam.</summary>
    public DateOnly Today { get; internal set; }

    /// <summary>Cancelled when nobody waits for the read any more: statements end by themselves, a loop that computes long asks.</summary>
    public CancellationToken Cancel { get; internal set; }

    /// <summary>The tenant whose store this is.</summary>
    public TenantId Tenant => Name.Tenant ?? throw new InvalidOperationException("The platform store belongs to no tenant.");

    /// <summary>Opens what only this store may read, such as a secret.</summary>
    public StoreKeys Keys { get; }

    /// <summary>Of the store: new when it is restored, and a position of one epoch means nothing in another.</summary>
    public string Epoch { get; }

    /// <summary>The URN that the store stamps.</summary>
    internal string Source { get; }

    internal string Origin => Name.Origin;

    /// <summary>A prepared command of this connection, kept by its text.</summary>
    public SqliteCommand Command(string sql) => _commands.Get(sql);

    /// <summary>The same without ADO.NET, for what every call reads.</summary>
    public Statement Statement(string sql) => _commands.GetStatement(sql);
}
