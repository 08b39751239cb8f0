using BeschutWerk.Backbone.Store;
using BeschutWerk.Knowledge.Practices;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Knowledge;

/// <summary>What is shared; it belongs to no municipality and holds no persons.</summary>
public sealed class KnowledgeStore(DbContextOptions<KnowledgeStore> options) : StoreContext(options)
{
    public DbSet<Practice> Practices => Set<Practice>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Practice>().ToTable("practices").HasKey(practice => practice.PracticeNumber);
}
