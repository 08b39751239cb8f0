using BeschutWerk.Backbone.Store;
using BeschutWerk.UwvAdvice.National;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.UwvAdvice;

/// <summary>What UWV knows about the whole country: who has a request where, and the advisers' work queue.</summary>
internal sealed class UwvPlatformStore(DbContextOptions<UwvPlatformStore> options) : StoreContext(options)
{
    // Compiled once: each event of every municipality passes here.
    private static readonly Func<UwvPlatformStore, Guid, IndexedRequest?> ById =
        EF.CompileQuery((UwvPlatformStore store, Guid id) => store.IndexedRequests.AsTracking().FirstOrDefault(row => row.AdviceRequestId == id));

    private static readonly Func<UwvPlatformStore, byte[], IEnumerable<IndexedRequest>> ByPerson =
        EF.CompileQuery((UwvPlatformStore store, byte[] hash) => store.IndexedRequests.AsTracking().Where(row => row.PersonHash == hash));

    public DbSet<IndexedRequest> IndexedRequests => Set<IndexedRequest>();

    /// <summary>A request as it stands in the file; null when there is none.</summary>
    public IndexedRequest? FindRequest(Guid adviceRequestId) => ById(this, adviceRequestId);

    /// <summary>All requests for a person.</summary>
    public IEnumerable<IndexedRequest> RequestsOf(byte[] personHash) => ByPerson(this, personHash);

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<IndexedRequest>(request =>
    {
        request.HasKey(row => row.AdviceRequestId);
        request.Property(row => row.AdviceRequestId).ValueGeneratedNever();
        request.Ignore(row => row.IsRunning);
    });
}
