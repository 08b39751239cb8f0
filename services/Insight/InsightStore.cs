using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Published;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Insight;

/// <summary>Facts as they arrived. Reactions write them in SQL, because they are on the path of every event; figures read them here.</summary>
public sealed class InsightStore(DbContextOptions<InsightStore> options) : StoreContext(options)
{
    public DbSet<MunicipalityRow> Municipalities => Set<MunicipalityRow>();

    public DbSet<AdviceRow> Advices => Set<AdviceRow>();

    public DbSet<CaseRow> Cases => Set<CaseRow>();

    public DbSet<PlacementRow> Placements => Set<PlacementRow>();

    public DbSet<PlacementChangeRow> PlacementChanges => Set<PlacementChangeRow>();

    public DbSet<QuotaNumberRow> QuotaNumbers => Set<QuotaNumberRow>();

    public DbSet<PublishedFigureRow> PublishedFigures => Set<PublishedFigureRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<MunicipalityRow>().ToTable("municipalities").HasKey(row => row.Municipality);
        modelBuilder.Entity<AdviceRow>().ToTable("advice_requests").HasKey(row => row.AdviceRequestId);
        modelBuilder.Entity<CaseRow>().ToTable("cases").HasKey(row => row.CaseId);
        modelBuilder.Entity<PlacementRow>().ToTable("placements").HasKey(row => row.PlacementId);
        modelBuilder.Entity<PlacementChangeRow>().ToTable("placement_changes").HasKey(row => new { row.PlacementId, row.Version });
        modelBuilder.Entity<QuotaNumberRow>().ToTable("quota_numbers").HasKey(row => new { row.Municipality, row.Year, row.EffectiveFrom, row.PublishedAt });
        modelBuilder.Entity<PublishedFigureRow>().ToTable("published_figures").HasKey(row => row.PublishedFigureId);
    }
}

public sealed class MunicipalityRow
{
    public string Municipality { get; set; } = "";

    public string Name { get; set; } = "";

    public string Province { get; set; } = "";

    public int LabourMarketRegion { get; set; }

    public string LabourMarketRegionName { get; set; } = "";
}

public sealed class AdviceRow
{
    public Guid AdviceRequestId { get; set; }

    public string Municipality { get; set; } = "";

    public Guid? CaseId { get; set; }

    public Requester Requester { get; set; }

    public DateOnly? ReceivedOn { get; set; }

    public DateTimeOffset? ReceivedAt { get; set; }

    public DateOnly? IssuedOn { get; set; }

    public Verdict Verdict { get; set; }

    public Ground Ground { get; set; }

    public DateTimeOffset? IssuedAt { get; set; }

    public DateOnly? WithdrawnOn { get; set; }

    public DateTimeOffset? WithdrawnAt { get; set; }
}

public sealed class CaseRow
{
    public Guid CaseId { get; set; }

    public string Municipality { get; set; } = "";

    public DateOnly? OpenedOn { get; set; }

    public DateTimeOffset? OpenedAt { get; set; }

    public Determination Determination { get; set; }

    public DateOnly? DeterminedOn { get; set; }

    public DateTimeOffset? DeterminedAt { get; set; }
}

public sealed class PlacementRow
{
    public Guid PlacementId { get; set; }

    public string Municipality { get; set; } = "";

    public Guid CaseId { get; set; }

    public DateOnly StartOn { get; set; }

    public DateOnly? LastDay { get; set; }

    public int MinutesPerWeek { get; set; }

    public PlacementForm Form { get; set; }

    public EmployerSector Sector { get; set; }

    public DateTimeOffset ReportedAt { get; set; }
}

public sealed class PlacementChangeRow
{
    public Guid PlacementId { get; set; }

    public long Version { get; set; }

    public string Municipality { get; set; } = "";

    public DateOnly? FromOn { get; set; }

    public int? MinutesPerWeek { get; set; }

    public DateOnly? LastDay { get; set; }

    public EndReason EndReason { get; set; }

    public DateTimeOffset RecordedAt { get; set; }
}

public sealed class QuotaNumberRow
{
    public string Municipality { get; set; } = "";

    public int Year { get; set; }

    public DateOnly EffectiveFrom { get; set; }

    public DateTimeOffset PublishedAt { get; set; }

    public int Number { get; set; }

    public CountingUnit CountingUnit { get; set; }

    public QuotaOrigin Origin { get; set; }

    public string Source { get; set; } = "";
}
