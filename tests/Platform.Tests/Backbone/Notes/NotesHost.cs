using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>How a <see cref="NotesHost"/> runs.</summary>
/// <param name="Folder">Its data.</param>
internal sealed record NotesOptions(string Folder)
{
    public static readonly Action<ServiceDefinition<ReaderStore, ReaderPlatform>> JustSee = service =>
        service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
            session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject }));

    /// <summary>What the follower does with events.</summary>
    public Action<ServiceDefinition<ReaderStore, ReaderPlatform>> Readers { get; init; } = JustSee;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public Func<StoreSettings, StoreSettings> Limits { get; init; } = settings => settings;

    /// <summary>Ports of gRPC and of the token server; 0 for a host that nobody calls.</summary>
    public (int Grpc, int Http) Ports { get; init; }

    /// <summary>Settings that the Backbone reads when it is added.</summary>
    public Action<WebApplicationBuilder> Before { get; init; } = _ => { };

    /// <summary>Parts that replace the Backbone's.</summary>
    public Action<WebApplicationBuilder> Adjust { get; init; } = _ => { };

    public string Authority => $"http://localhost:{Ports.Http}/";
}

/// <summary>
/// The Backbone with two services and no domain: <c>municipalities</c> writes notes and raises an event for each,
/// <c>readers</c> follows them.
/// </summary>
internal sealed class NotesHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NotesHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public ServiceRuntime<NotesStore, NotesPlatform> Notes => Services.GetRequiredService<ServiceRuntime<NotesStore, NotesPlatform>>();

    public ServiceRuntime<ReaderStore, ReaderPlatform> Readers => Services.GetRequiredService<ServiceRuntime<ReaderStore, ReaderPlatform>>();

    private static AccessTokens NobodyAnswers { get; } = new(new HttpClient(), "http://localhost:1/", "nobody", "answers");

    public static async Task<NotesHost> StartAsync(NotesOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Folder"] = options.Folder,
            ["Identity:Authority"] = options.Authority,
            ["Services:municipalities"] = $"http://localhost:{options.Ports.Grpc}",
        });
        var called = options.Ports.Grpc != 0;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (!called)
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
                return;
            }

            kestrel.ListenLocalhost(options.Ports.Grpc, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.ListenLocalhost(options.Ports.Http, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(options.Clock);
        builder.Services.AddSingleton(options.Limits(new StoreSettings(options.Clock)));
        if (called) AddTokens(builder, options);
        else builder.Services.AddSingleton(new ServiceToken((_, cancel) => NobodyAnswers.GetAsync(cancel), _ => { }));
        options.Before(builder);
        builder.AddBackbone("notes");
        builder.AddPlatformService<NotesStore, NotesPlatform>("municipalities");
        builder.AddPlatformService<ReaderStore, ReaderPlatform>("readers", options.Readers);
        options.Adjust(builder);

        var app = builder.Build();
        if (called)
        {
            app.MapIdentity();
            app.MapBackbone();
            app.MapGrpcService<TenantCalls>();
            app.MapGrpcService<CaseCalls>();
        }

        try
        {
            await app.StartAsync();
            return new NotesHost(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers a municipality, as Municipalities would.</summary>
    public async Task<TenantId> RegisterAsync(string code)
    {
        await Notes.PlatformStore.WriteAsync(By("operator"), session =>
        {
            Slices.Register(session, code, Notes.Tenants);
            return true;
        });
        return TenantId.Parse(code);
    }

    /// <summary>Writes a note into a municipality's store.</summary>
    public Task<Guid> AddAsync(TenantId tenant, string text) => Notes.TenantStores.Get(tenant).WriteAsync(By("gm"), session => Slices.AddNote(session, text));

    /// <summary>Everything that stands in the producer's log of a municipality.</summary>
    public IReadOnlyList<LoggedEvent> Log(TenantId tenant) => Notes.Feed(tenant).ReadOwnAfter(0, 1_000_000);

    /// <summary>What the follower saw of a municipality, in the order in which it was applied.</summary>
    public List<Seen> Seen(TenantId tenant)
    {
        var store = Readers.TenantStores.Get(tenant);
        return store.Exists ? store.Read(Caller.OfService("test"), session => session.Store.Seen.OrderBy(seen => seen.SeenId).ToList()) : [];
    }

    public static WriteInfo By(string actor) => WriteInfo.Capture(Caller.OfService(actor));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void AddTokens(WebApplicationBuilder builder, NotesOptions options)
    {
        builder.Services.AddIdentity(new IdentityOptions { DataFolder = Path.Combine(options.Folder, "identity"), Issuer = new Uri(options.Authority), Clock = options.Clock });
        builder.Services.AddSingleton(provider =>
        {
            // Readers stands in no contract: it calls as one that may ask Municipalities.
            var credentials = provider.GetRequiredService<Clients>().IssueServiceCredentials(["uwv"])["uwv"];
            var tokens = new AccessTokens(new HttpClient(), options.Authority, credentials.ClientId, credentials.ClientSecret);
            return new ServiceToken((_, cancel) => tokens.GetAsync(cancel), _ => { });
        });
    }
}
