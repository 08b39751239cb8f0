using BeschutWerk.Backbone.Store;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.UwvAdvice;

/// <summary>What UWV holds about the requests of one municipality's residents.</summary>
internal sealed class UwvStore(DbContextOptions<UwvStore> options) : StoreContext(options)
{
    public DbSet<Dossier> Dossiers => Set<Dossier>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Dossier>(dossier =>
    {
        dossier.HasKey(row => row.AdviceRequestId);
        dossier.Property(row => row.AdviceRequestId).ValueGeneratedNever();
        dossier.Ignore(row => row.Facts);
        dossier.Ignore(row => row.Policy);
    });
}
