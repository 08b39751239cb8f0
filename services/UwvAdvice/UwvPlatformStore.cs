using BeschutWerk.Backbone.Store;
using BeschutWerk.UwvAdvice.National;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.UwvAdvice;

/// <summary>What UWV knows about the whole country: who has a request where, and the advisers' work queue.</summary>
internal sealed class UwvPlatformStore(DbContextOptions<UwvPlatformStore> options) : StoreContext(options)
{
    public DbSet<IndexedRequest> IndexedRequests => Set<IndexedRequest>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<IndexedRequest>(request =>
    {
        request.HasKey(row => row.AdviceRequestId);
        request.Property(row => row.AdviceRequestId).ValueGeneratedNever();
    });
}
