using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Operations;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone;

/// <summary>One service of this process: its stores, its municipalities, and the events that it raises and follows.</summary>
public abstract class ServiceRuntime : IAsyncDisposable
{
    internal ServiceRuntime(string name, TimeProvider clock) => (Name, Clock) = (name, clock);

    /// <summary>Service name, such as <c>uwv</c>.</summary>
    public string Name { get; }

    /// <summary>The municipalities that it knows.</summary>
    public TenantRegistry Tenants { get; } = new();

    /// <summary>The clock that stamps and refuses the future.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Whether the municipalities' own stores are here, or only the platform's.</summary>
    public abstract bool HasTenantStores { get; }

    /// <summary>Reasons why stores take no calls, by store; empty when all do.</summary>
    public abstract IReadOnlyDictionary<string, string> Quarantined { get; }

    /// <summary>Writes that wait, over all stores.</summary>
    public abstract long QueueDepth { get; }

    /// <summary>Events parked now, over all stores that were opened since the start: those that follow anything all were.</summary>
    public abstract long ParkedEvents { get; }

    /// <summary>Stores that are open now.</summary>
    public abstract long OpenStores { get; }

    /// <summary>The log of a municipality's store, or of the platform's for null.</summary>
    public abstract EventFeed Feed(TenantId? tenant);

    /// <summary>Whether events of a type can stand in the log of a municipality's store, or of the platform's.</summary>
    public abstract bool FeedMayHold(EventType type, bool ofMunicipality);

    /// <summary>The municipality, once it is known to be registered, for a call that asks its store.</summary>
    /// <exception cref="RefusalException">MUNICIPALITY_NOT_FOUND, TENANT_SUSPENDED, SERVICE_UNREACHABLE.</exception>
    public async ValueTask<TenantId> AdmitAsync(Caller caller, TenantId tenant, string method, CancellationToken cancel)
    {
        await RequireKnownAsync(tenant, cancel);
        return Suspension.Of(Tenants, caller, tenant, method) is { } refusal ? throw refusal.ToException() : tenant;
    }

    /// <summary>Asks about a municipality that is not known here, suspended or not.</summary>
    /// <param name="tenant">The municipality.</param>
    /// <param name="cancel">Cancelled when nobody waits any more.</param>
    /// <param name="follows">Asked before an event is applied: a Municipalities that hangs must not hold up the events of others.</param>
    /// <exception cref="RefusalException">MUNICIPALITY_NOT_FOUND, SERVICE_UNREACHABLE.</exception>
    public abstract ValueTask RequireKnownAsync(TenantId tenant, CancellationToken cancel, bool follows = false);

    internal abstract IEnumerable<Inbox> Inboxes { get; }

    /// <summary>The other services whose events it follows.</summary>
    internal List<string> FollowsOthers => [.. Inboxes.SelectMany(inbox => inbox.Followed).Where(service => service != Name).Distinct()];

    /// <summary>What a text that is kept as it is must not hold.</summary>
    internal Action<FieldChecks, string, string> CheckKeptText { get; init; } = (_, _, _) => { };

    /// <summary>Folder of its stores.</summary>
    internal abstract string Folder { get; }

    /// <summary>What operators do to a municipality's store, or to the platform's for null.</summary>
    internal abstract StoreOperations Operations(TenantId? tenant);

    /// <summary>The same for all stores, made or not.</summary>
    internal IEnumerable<StoreOperations> AllOperations() =>
        (HasTenantStores ? Tenants.All.Select(tenant => Operations(tenant)) : []).Prepend(Operations(null));

    /// <summary>Parks a message that is no event; once, however often it comes.</summary>
    internal abstract Task ParkUnreadableAsync(byte[] body);

    /// <summary>Parks an event of a municipality that does not exist; once, however often it comes.</summary>
    internal abstract Task ParkStrangerAsync(SourceKey source, CloudEvent stranger);

    /// <summary>Opens the platform store and learns the municipalities.</summary>
    internal abstract void Open();

    /// <summary>Begins to follow the other services; once all of them are open.</summary>
    internal abstract void Follow();

    /// <summary>Ends following, with what is being applied.</summary>
    internal abstract Task UnfollowAsync();

    /// <summary>Closes the stores and gives up the data folder.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A service with its two kinds of store.</summary>
/// <typeparam name="TTenant">Store of one municipality.</typeparam>
/// <typeparam name="TPlatform">Store of what belongs to no municipality.</typeparam>
public sealed partial class ServiceRuntime<TTenant, TPlatform> : ServiceRuntime
    where TTenant : StoreContext where TPlatform : StoreContext
{
    private readonly HashSet<string> _tenantProducers;
    private readonly HashSet<string> _platformProducers;
    private readonly FolderLock _folder;
    private readonly KeyVault _vault;
    private readonly IServiceProvider _services;
    private readonly Inbox<TTenant, TTenant, TPlatform> _tenantInbox;
    private readonly Inbox<TPlatform, TTenant, TPlatform> _platformInbox;
    private readonly Timer _housekeeping;
    private readonly Action<StoreName> _committed;
    private readonly Func<Caller, StoreHandle<TTenant>?, Refusal?>? _stranger;
    private int _disposed;

    internal ServiceRuntime(ServiceDefinition<TTenant, TPlatform> definition, StoreSettings settings, string dataFolder, EventTransport transport, IServiceProvider services)
        : base(definition.Name, settings.Clock)
    {
        (_services, _committed, _stranger) = (services, transport.Committed, definition.Stranger);
        HasTenantStores = definition.HasTenantStores;
        CheckKeptText = definition.CheckKeptText;
        _tenantProducers = [Name, .. definition.KeepReceived ? definition.Tenant.FollowedTenants : []];
        _platformProducers = [Name, .. definition.KeepReceived ? definition.Platform.FollowedPlatforms : []];
        var folder = Folder = PrivateFile.MakeFolder(Path.Combine(dataFolder, Name));
        _folder = FolderLock.Take(folder);
        try
        {
            _vault = KeyVault.Open(dataFolder, Name);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }

        var assembly = definition.SchemaAssembly;
        var tenantSchema = SchemaScripts.Of(assembly, platform: false);
        var platformSchema = SchemaScripts.Of(assembly, platform: true);
        // The file that says which stores were made cannot say it of itself.
        var platformMade = Path.Combine(folder, "platform.made");
        Platform = new StoreDirectory<TPlatform>(Name, settings.MostOpen, name => new StoreHandle<TPlatform>(
            new StoreFile(name, Path.Combine(folder, "platform.db"), platformSchema, _vault), settings, () => File.Exists(platformMade) ? StorePresence.Made : StorePresence.NotMade)
        {
            Committed = transport.Committed,
            Opened = () => File.OpenHandle(platformMade, FileMode.OpenOrCreate, FileAccess.Write).Dispose(),
        });
        TenantStores = new StoreDirectory<TTenant>(Name, settings.MostOpen, name => new StoreHandle<TTenant>(
            new StoreFile(name, Path.Combine(folder, name.Origin + ".db"), tenantSchema, _vault), settings, () => Tenants.Presence(name.Tenant!.Value))
        {
            Committed = transport.Committed,
            Opened = () => NoteStoreMade(name.Tenant!.Value),
        });

        _tenantInbox = new Inbox<TTenant, TTenant, TPlatform>(this, definition.Tenant, TenantStores.Get, definition.KeepReceived, gather: default, transport);
        _platformInbox = new Inbox<TPlatform, TTenant, TPlatform>(this, definition.Platform, _ => PlatformStore, definition.KeepReceived, definition.Gather, transport);
        // What is held back may have waited for it.
        Tenants.Added += WakeAll;
        Tenants.Changed += WakeAll;
        _housekeeping = new Timer(_ => _ = TidyUpAsync(), null, TimeSpan.FromMinutes(10), TimeSpan.FromHours(1));
    }

    /// <inheritdoc/>
    public override bool HasTenantStores { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Quarantined =>
        TenantStores.Known.Where(store => store.Quarantine is not null).Select(store => (Name: store.Name.ToString(), Why: store.Quarantine!))
            .Concat(Platform.Known.Where(store => store.Quarantine is not null).Select(store => (Name: store.Name.ToString(), Why: store.Quarantine!)))
            .ToDictionary(store => store.Name, store => store.Why);

    /// <inheritdoc/>
    public override long QueueDepth => TenantStores.Known.Sum(store => (long)store.QueueDepth) + PlatformStore.QueueDepth;

    /// <inheritdoc/>
    public override long ParkedEvents => TenantStores.Known.Sum(store => (long)store.Parked) + PlatformStore.Parked;

    /// <inheritdoc/>
    public override long OpenStores => TenantStores.Known.Count(store => store.IsOpen) + (PlatformStore.IsOpen ? 1 : 0);

    /// <summary>The stores of the municipalities.</summary>
    public StoreDirectory<TTenant> TenantStores { get; }

    /// <summary>The platform's own store.</summary>
    public StoreHandle<TPlatform> PlatformStore => Platform.Get(null);

    internal override IEnumerable<Inbox> Inboxes => [_tenantInbox, _platformInbox];

    internal override string Folder { get; }

    internal IServiceProvider Services => _services;

    private StoreDirectory<TPlatform> Platform { get; }

    /// <inheritdoc/>
    public override EventFeed Feed(TenantId? tenant) => tenant is null
        ? new EventFeed<TPlatform>(PlatformStore, Name) { Producers = _platformProducers }
        : new EventFeed<TTenant>(TenantStores.Get(tenant), Name) { Producers = _tenantProducers };

    /// <inheritdoc/>
    public override bool FeedMayHold(EventType type, bool ofMunicipality) =>
        type.IsPlatform != ofMunicipality && (ofMunicipality ? _tenantProducers : _platformProducers).Contains(type.Producer);

    internal override StoreOperations Operations(TenantId? tenant) => tenant is null
        ? new StoreOperations<TPlatform, TTenant, TPlatform>(PlatformStore, _platformInbox, Clock, () => RestoredAsync(PlatformStore.Name))
        : new StoreOperations<TTenant, TTenant, TPlatform>(TenantStores.Get(tenant), _tenantInbox, Clock, () => RestoredAsync(new StoreName(Name, tenant)));

    /// <summary>The inbox whose reactions write the municipalities' stores.</summary>
    internal Inbox<TTenant, TTenant, TPlatform> TenantInbox => _tenantInbox;

    /// <summary>The inbox whose reactions write the platform store.</summary>
    internal Inbox<TPlatform, TTenant, TPlatform> PlatformInbox => _platformInbox;

    internal override void Open()
    {
        try
        {
            OpenPlatform();
        }
        catch (RefusalException refused) when (PlatformStore.Quarantine is not null)
        {
            // It serves what it can: operators must reach it to restore the store. An error that may pass ends the process instead: the
            // next start reads the municipalities.
            _services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Service").LogCritical("{Service} knows no municipality: {Why}", Name, refused.Message);
        }
    }

    private void OpenPlatform()
    {
        var tenants = PlatformStore.Read(Caller.OfService(Name), session =>
        {
            using var row = session.Command("SELECT code, state, store_made FROM tenants").ExecuteReader();
            var found = new List<(TenantId, TenantStanding, bool)>();
            while (row.Read()) found.Add((TenantId.Parse(row.GetString(0)), (TenantStanding)row.GetInt32(1), row.GetBoolean(2)));
            return found;
        });
        foreach (var (tenant, standing, made) in tenants) Tenants.Set(tenant, standing, made);
        // After a restore of the platform store: who was registered since must be registered again.
        Tenants.KeepOnly(tenants.Select(row => row.Item1).ToHashSet());
    }

    private void WakeAll(TenantId tenant)
    {
        _tenantInbox.WakeAll(tenant, now: true);
        _platformInbox.WakeAll(tenant, now: true);
    }

    /// <summary>A store was restored: what is known of it in memory holds no more, and whoever follows it looks.</summary>
    private async Task RestoredAsync(StoreName restored)
    {
        if (restored.Tenant is null) OpenPlatform();
        await _tenantInbox.RestoredAsync(restored, CancellationToken.None);
        await _platformInbox.RestoredAsync(restored, CancellationToken.None);
        _committed(restored);
    }

    internal override void Follow()
    {
        _tenantInbox.Start();
        _platformInbox.Start();
    }

    internal override async Task UnfollowAsync()
    {
        await _housekeeping.DisposeAsync();
        await _tenantInbox.StopAsync();
        await _platformInbox.StopAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await UnfollowAsync();
        TenantStores.Dispose();
        Platform.Dispose();
        _vault.Dispose();
        _folder.Dispose();
    }
}
