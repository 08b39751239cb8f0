using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities;

/// <summary>What Municipalities keeps of one municipality.</summary>
public sealed class MunicipalityStore(DbContextOptions<MunicipalityStore> options) : StoreContext(options)
{
    public DbSet<SupportCase> Cases => Set<SupportCase>();

    public DbSet<PlaceOffer> Offers => Set<PlaceOffer>();

    public DbSet<Standing> Standings => Set<Standing>();

    public DbSet<AppliedQuota> Quotas => Set<AppliedQuota>();

    public DbSet<CitizenRequest> CitizenRequests => Set<CitizenRequest>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SupportCase>(table =>
        {
            table.ToTable("cases").HasKey(row => row.CaseId);
            table.Ignore(row => row.Needs).Ignore(row => row.FoundDiscrepancies);
        });
        modelBuilder.Entity<PlaceOffer>(table =>
        {
            table.ToTable("offers").HasKey(row => row.OfferId);
            table.Ignore(row => row.Stands);
        });
        modelBuilder.Entity<Standing>().ToTable("standings").HasKey(row => row.StandingId);
        modelBuilder.Entity<AppliedQuota>().ToTable("quotas").HasKey(row => row.QuotaId);
        modelBuilder.Entity<CitizenRequest>().ToTable("citizen_requests").HasKey(row => row.AdviceRequestId);
    }
}
