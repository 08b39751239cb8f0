using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>One reported placement on its way through the write, and what became of it.</summary>
public sealed class PlacementEntry
{
    private static readonly PlacementReport NoReport = new();

    private PlacementEntry(string placementId, PlacementReport report) => (PlacementId, Report) = (placementId, report);

    /// <summary>As the reporter wrote it.</summary>
    public string PlacementId { get; }

    public PlacementReport Report { get; }

    public Guid Id { get; private init; }

    /// <summary>The id under which it is stored, where another reporter had used its own before; else null.</summary>
    public Guid? KeptAs { get; set; }

    /// <summary>As reported; once it is known that the case was joined, the one that stays.</summary>
    public Guid CaseId { get; private set; }

    /// <summary>Whether the report names the id of a case that was joined to another.</summary>
    public bool IsOfJoinedCase { get; private set; }

    public Guid OfferId { get; private init; }

    public DateOnly StartOn { get; private init; }

    /// <summary><see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly LastDay { get; private init; }

    /// <summary>Whether its fields break their rules: then it never reaches the store.</summary>
    public bool IsMalformed { get; private init; }

    /// <summary>Why it is not stored; null when it is.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Whether the refusal rests on something that may only not have arrived here yet.</summary>
    public bool MayBeLate { get; set; }

    /// <summary>The case that it names was joined to another one.</summary>
    public void IsAbout(Guid caseThatStays) => (CaseId, IsOfJoinedCase) = (caseThatStays, true);

    /// <summary>Checks an item by itself, all fields at once.</summary>
    /// <param name="request">What is wrong with the request that it came in.</param>
    public static PlacementEntry Of(PlacementItem item, bool byMunicipality, DateOnly today, IReadOnlyList<FieldViolation> request) =>
        Of(request.Count == 0 ? FieldRules.Check(item, today) : [.. request, .. FieldRules.Check(item, today)], item.PlacementId, item.Report, byMunicipality);

    /// <summary>The same for a call that reports one; its id is the request_id.</summary>
    public static PlacementEntry Of(ReportPlacementRequest request, bool byMunicipality, DateOnly today) =>
        Of(FieldRules.Check(request, today), request.RequestId, request.Report, byMunicipality);

    private static PlacementEntry Of(IReadOnlyList<FieldViolation> broken, string placementId, PlacementReport? report, bool byMunicipality)
    {
        if (report is not null) broken = PlacementRules.CheckFields(report, byMunicipality, broken);
        if (broken.Count > 0 || report is null) return Refused(placementId, Refusal.Fields(broken));

        return new PlacementEntry(placementId, report)
        {
            Id = Ids.Parse(placementId),
            CaseId = Ids.Parse(report.CaseId),
            OfferId = Ids.Parse(report.OfferId),
            StartOn = report.StartOn.ToDateOnly(),
            LastDay = report.LastDay.ToDateOnlyOrNull() ?? DateOnly.MaxValue,
        };
    }

    /// <summary>An item that is refused before any store is touched.</summary>
    public static PlacementEntry Refused(string placementId, Refusal refusal) =>
        new(placementId, NoReport) { IsMalformed = true, Refusal = refusal };
}
