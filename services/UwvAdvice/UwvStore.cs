using BeschutWerk.Backbone.Store;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.UwvAdvice;

/// <summary>What UWV holds about the requests of one municipality's residents.</summary>
internal sealed class UwvStore(DbContextOptions<UwvStore> options) : StoreContext(options)
{
    // Compiled once: every call looks for its dossier.
    private static readonly Func<UwvStore, Guid, Dossier?> DossierById =
        EF.CompileQuery((UwvStore store, Guid id) => store.Dossiers.AsTracking().FirstOrDefault(row => row.AdviceRequestId == id));

    public DbSet<Dossier> Dossiers => Set<Dossier>();

    /// <summary>A request as it stands in the file; null when there is none.</summary>
    public Dossier? FindDossier(Guid adviceRequestId) => DossierById(this, adviceRequestId);

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Dossier>(dossier =>
    {
        dossier.HasKey(row => row.AdviceRequestId);
        dossier.Property(row => row.AdviceRequestId).ValueGeneratedNever();
        dossier.Ignore(row => row.Facts);
        dossier.Ignore(row => row.Policy);
    });
}
