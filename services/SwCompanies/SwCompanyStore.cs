using BeschutWerk.Backbone.Store;
using BeschutWerk.SwCompanies.Companies;
using BeschutWerk.SwCompanies.Placements;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.SwCompanies;

/// <summary>What the sw-companies have with one municipality. Cases and offers as known from its events; they are read and written in SQL only.</summary>
public sealed class SwCompanyStore(DbContextOptions<SwCompanyStore> options) : StoreContext(options)
{
    public DbSet<Contract> Contracts => Set<Contract>();

    public DbSet<Placement> Placements => Set<Placement>();

    public DbSet<PlacementVersion> PlacementVersions => Set<PlacementVersion>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Contract>().ToTable("contracts").HasKey(contract => contract.ContractId);
        modelBuilder.Entity<Placement>().ToTable("placements").HasKey(placement => placement.PlacementId);
        modelBuilder.Entity<PlacementVersion>().ToTable("placement_versions").HasKey(version => new { version.PlacementId, version.Version });
    }
}

/// <summary>The sw-companies themselves, which belong to no municipality.</summary>
public sealed class SwCompaniesPlatformStore(DbContextOptions<SwCompaniesPlatformStore> options) : StoreContext(options)
{
    public DbSet<SwCompany> Companies => Set<SwCompany>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<SwCompany>().ToTable("companies").HasKey(company => company.CompanyId);
}
