using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Tenants;
using BeschutWerk.Municipalities.Webhooks.Delivering;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities;

/// <summary>What Municipalities keeps for the platform as a whole: who takes part, and the regulations.</summary>
public sealed class MunicipalitiesStore(DbContextOptions<MunicipalitiesStore> options) : StoreContext(options)
{
    public DbSet<TenantRow> Tenants => Set<TenantRow>();

    public DbSet<Municipality> Municipalities => Set<Municipality>();

    public DbSet<Regulation> Regulations => Set<Regulation>();

    public DbSet<RegulationNumber> RegulationNumbers => Set<RegulationNumber>();

    public DbSet<RegulationShare> RegulationShares => Set<RegulationShare>();

    public DbSet<AppliedNumber> AppliedNumbers => Set<AppliedNumber>();

    public DbSet<WebhookMunicipality> WebhookMunicipalities => Set<WebhookMunicipality>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TenantRow>().ToTable("tenants").HasKey(row => row.Code);
        modelBuilder.Entity<Municipality>().ToTable("municipalities").HasKey(row => row.Code);
        modelBuilder.Entity<Regulation>(table =>
        {
            table.ToTable("regulations").HasKey(row => row.RegulationId);
            table.Ignore(row => row.Publication);
        });
        modelBuilder.Entity<RegulationNumber>().ToTable("regulation_numbers").HasKey(row => new { row.RegulationId, row.Code });
        modelBuilder.Entity<RegulationShare>().ToTable("regulation_shares")
            .HasKey(row => new { row.RegulationId, row.Code, row.Successor });
        modelBuilder.Entity<WebhookMunicipality>().ToTable("webhook_municipalities").HasKey(row => row.Code);
        modelBuilder.Entity<AppliedNumber>().ToTable("applied_numbers").HasKey(row => new { row.RegulationId, row.Code });
    }
}
