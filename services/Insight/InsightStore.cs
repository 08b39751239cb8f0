using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Published;
using BeschutWerk.Sector.Work;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Insight;

/// <summary>Facts as they arrived. Reactions write them in SQL, because they are on the path of every event; figures read them here.</summary>
public sealed class InsightStore(DbContextOptions<InsightStore> options) : StoreContext(options)
{
    public DbSet<MunicipalityRow> Municipalities => Set<MunicipalityRow>();

    public DbSet<AdviceRow> Advices => Set<AdviceRow>();

    public DbSet<RecognisedRow> RecognisedRequests => Set<RecognisedRow>();

    public DbSet<CaseRow> Cases => Set<CaseRow>();

    public DbSet<CaseAliasRow> CaseAliases => Set<CaseAliasRow>();

    public DbSet<PlacementRow> Placements => Set<PlacementRow>();

    public DbSet<PlacementChangeRow> PlacementChanges => Set<PlacementChangeRow>();

    public DbSet<QuotaNumberRow> QuotaNumbers => Set<QuotaNumberRow>();

    public DbSet<PublishedFigureRow> PublishedFigures => Set<PublishedFigureRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<MunicipalityRow>().ToTable("municipalities").HasKey(row => row.Municipality);
        modelBuilder.Entity<AdviceRow>().ToTable("advice_requests").HasKey(row => row.AdviceRequestId);
        modelBuilder.Entity<RecognisedRow>().ToTable("recognised_requests").HasKey(row => row.AdviceRequestId);
        modelBuilder.Entity<CaseRow>().ToTable("cases").HasKey(row => row.CaseId);
        modelBuilder.Entity<CaseAliasRow>().ToTable("case_aliases").HasKey(row => row.AliasId);
        modelBuilder.Entity<PlacementRow>().ToTable("placements").HasKey(row => new { row.Municipality, row.PlacementId });
        modelBuilder.Entity<PlacementChangeRow>().ToTable("placement_changes").HasKey(row => new { row.Municipality, row.PlacementId, row.Version });
        modelBuilder.Entity<QuotaNumberRow>().ToTable("quota_numbers")
            .HasKey(row => new { row.Municipality, row.Year, row.EffectiveFrom, row.RegulationId, row.RecordedAt });
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

/// <summary>A case that was joined to another one of the same person.</summary>
public sealed class CaseAliasRow
{
    public Guid AliasId { get; set; }

    /// <summary>The case that stays, unless it was joined too.</summary>
    public Guid CaseId { get; set; }
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

    /// <summary>A citizen's own that they did not share: the municipality hears of it with the advice.</summary>
    public bool NotShared { get; set; }
}

/// <summary>Whose a request is.</summary>
public sealed class RecognisedRow
{
    public Guid AdviceRequestId { get; set; }

    /// <summary>The same for every request of a person, in every municipality.</summary>
    public Guid Pseudonym { get; set; }
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

/// <summary>A version of a placement after its report.</summary>
public sealed class PlacementChangeRow
{
    public Guid PlacementId { get; set; }

    public long Version { get; set; }

    public string Municipality { get; set; } = "";

    public DateOnly? FromOn { get; set; }

    /// <summary>From then; null when it says nothing of hours.</summary>
    public int? MinutesPerWeek { get; set; }

    /// <summary>The agreed one; of an end, its own. Null for none.</summary>
    public DateOnly? LastDay { get; set; }

    /// <summary>Whether it says how the placement ended, or that it never did.</summary>
    public bool AboutEnd { get; set; }

    public EndReason EndReason { get; set; }

    public DateTimeOffset RecordedAt { get; set; }

    /// <summary>What it does to the record of the placement. No figure asks for the cause of an end.</summary>
    public PlacementChange AsChange() => this switch
    {
        { AboutEnd: true, EndReason: EndReason.Unspecified } => PlacementChange.Ended(Version, null),
        { AboutEnd: true } => PlacementChange.Ended(Version, new PlacementEnd(LastDay!.Value, EndReason, EndCause.Unspecified)),
        { MinutesPerWeek: { } minutes } => PlacementChange.Amended(Version, FromOn!.Value, minutes, LastDay ?? DateOnly.MaxValue),
        _ => PlacementChange.Moved(Version, LastDay ?? DateOnly.MaxValue),
    };
}

public sealed class QuotaNumberRow
{
    public string Municipality { get; set; } = "";

    public int Year { get; set; }

    public DateOnly EffectiveFrom { get; set; }

    public Guid RegulationId { get; set; }

    public DateTimeOffset RecordedAt { get; set; }

    public DateOnly? PublishedOn { get; set; }

    public int Number { get; set; }

    public CountingUnit CountingUnit { get; set; }

    public QuotaOrigin Origin { get; set; }

    public string Source { get; set; } = "";
}
