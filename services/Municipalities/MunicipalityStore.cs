using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities;

/// <summary>What Municipalities keeps of one municipality.</summary>
public sealed class MunicipalityStore(DbContextOptions<MunicipalityStore> options) : StoreContext(options)
{
    public DbSet<SupportCase> Cases => Set<SupportCase>();

    public DbSet<PlaceOffer> Offers => Set<PlaceOffer>();

    public DbSet<AppliedQuota> Quotas => Set<AppliedQuota>();

    public DbSet<WebhookRow> Webhooks => Set<WebhookRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    // Compiled once: every call and every event looks for its case, and Find builds its query anew each time.
    private static readonly Func<MunicipalityStore, Guid, SupportCase?> CaseById =
        EF.CompileQuery((MunicipalityStore store, Guid id) => store.Cases.AsTracking().FirstOrDefault(row => row.CaseId == id));

    private static readonly Func<MunicipalityStore, Guid, SupportCase?> CaseByPerson =
        EF.CompileQuery((MunicipalityStore store, Guid id) => store.Cases.AsTracking().FirstOrDefault(row => row.PersonId == id));

    private static readonly Func<MunicipalityStore, Guid, PlaceOffer?> OfferById =
        EF.CompileQuery((MunicipalityStore store, Guid id) => store.Offers.AsTracking().FirstOrDefault(row => row.OfferId == id));

    /// <summary>A case as it stands in the file; null when there is none.</summary>
    public SupportCase? FindCase(Guid caseId) => CaseById(this, caseId);

    /// <summary>The case of a person; null when there is none.</summary>
    public SupportCase? FindCaseOfPerson(Guid personId) => CaseByPerson(this, personId);

    /// <summary>An offer as it stands in the file; null when there is none.</summary>
    public PlaceOffer? FindOffer(Guid offerId) => OfferById(this, offerId);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SupportCase>(table =>
        {
            table.ToTable("cases").HasKey(row => row.CaseId);
            table.Ignore(row => row.Needs).Ignore(row => row.Contradictions);
        });
        modelBuilder.Entity<PlaceOffer>().ToTable("offers").HasKey(row => row.OfferId);
        modelBuilder.Entity<AppliedQuota>().ToTable("quotas").HasKey(row => row.QuotaId);
        modelBuilder.Entity<WebhookRow>().ToTable("webhooks").HasKey(row => row.WebhookId);
        modelBuilder.Entity<DeliveryRow>().ToTable("deliveries").HasKey(row => row.DeliveryId);
    }
}
