using System.Diagnostics.CodeAnalysis;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Date = Google.Type.Date;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>What is reported, as far as the rules look at it.</summary>
/// <param name="CompanyId">The reporting sw-company; empty when the municipality reports.</param>
/// <param name="Employer">Employer's name; empty for the company itself.</param>
/// <param name="LastDay">Last day, worked; <see cref="DateOnly.MaxValue"/> for none.</param>
public readonly record struct Reported(
    Guid CaseId, string CompanyId, string Employer, DateOnly StartOn, DateOnly LastDay, int MinutesPerWeek);

/// <summary>What the municipality's events say about the case and the offer, and our contracts about the company.</summary>
/// <param name="ContractRuns">Whether the reporting company has a contract on the first day.</param>
/// <param name="Determination">The college's latest decision; UNSPECIFIED when none is known.</param>
/// <param name="DeterminedOn">Since when it stands.</param>
/// <param name="Offer">The offer of this case; null when it is not known.</param>
public readonly record struct Known(bool ContractRuns, Determination Determination, DateOnly DeterminedOn, KnownOffer? Offer);

/// <summary>An offer of the municipality.</summary>
/// <param name="CompanyId">Sw-company that it names; empty for another employer.</param>
/// <param name="Employer">Employer that it names; empty for a sw-company.</param>
/// <param name="FreedFrom">First day on which the place is free again; <see cref="DateOnly.MaxValue"/> while it is taken.</param>
public readonly record struct KnownOffer(string CompanyId, string Employer, bool Accepted, DateOnly AnsweredOn, DateOnly FreedFrom);

/// <summary>Hours of one person from a day up to and including another.</summary>
public readonly record struct Stretch(DateOnly From, DateOnly To, int MinutesPerWeek);

/// <summary>Who may be placed, and what may become of a placement. Participatiewet 10b; letter, nrs. 5, 47, 78, 83.</summary>
public static class PlacementRules
{
    /// <summary>Forty hours, in minutes a week: more is no placement but a mistake.</summary>
    public const int MostMinutesPerWeek = 2400;

    /// <summary>Adds what is wrong across the fields of a report to what is wrong with each.</summary>
    /// <param name="byMunicipality">Whether the municipality reports, which it does for employers outside a sw-company only.</param>
    /// <param name="broken">What was found already; returned as it is when nothing comes with it.</param>
    public static IReadOnlyList<FieldViolation> CheckFields(PlacementReport report, bool byMunicipality, IReadOnlyList<FieldViolation> broken)
    {
        List<FieldViolation>? found = null;

        Require(report.ContractType != ContractType.Fixed || report.LastDay is not null, "report.last_day", "A fixed employment has a last day.");
        Require(report.ContractType != ContractType.Permanent || report.LastDay is null, "report.last_day", "A permanent employment has no last day.");
        Require(!IsDay(report.StartOn) || !IsDay(report.LastDay) || report.LastDay.ToDateOnly() >= report.StartOn.ToDateOnly(), "report.last_day", "Lies before the first day.");

        // A sw-company may not count its own people as government jobs (letter, nr. 5).
        Require(report.Sector != EmployerSector.Government || report.Employer.Length > 0, "report.employer", "A government employer is named.");
        Require(!byMunicipality || report.Employer.Length > 0, "report.employer", "A municipality reports an employer outside a sw-company, by name.");
        Require(!byMunicipality || report.Sector != EmployerSector.Sw, "report.sector", "A sw-company reports its own placements.");
        return found ?? broken;

        static bool IsDay([NotNullWhen(true)] Date? date) => date is not null && Dates.IsDay(date);

        void Require(bool holds, string field, string description)
        {
            // No list as long as nothing is wrong: this runs for every item of every stream.
            if (!holds) (found ??= [.. broken]).Add(new FieldViolation { Field = field, Description = description });
        }
    }

    /// <summary>Whether the placement may be, its hours aside; null when it may.</summary>
    public static Refusal? Report(in Reported reported, in Known known)
    {
        // Municipalities decide on the infrastructure (letter, nr. 112): without a contract nothing of their cases is said.
        if (reported.CompanyId.Length > 0 && !known.ContractRuns)
            return Refusal.Of(ErrorReason.NoContract, "The company has no contract with this municipality on the first day.");

        if (known.Determination != Determination.Positive)
            return Refusal.Of(ErrorReason.NoPositiveDetermination, "The college has not determined that this person depends on sheltered work.");

        if (known.Offer is not { Accepted: true } offer || offer.FreedFrom <= reported.StartOn || !Names(offer, reported))
            return Refusal.Of(ErrorReason.NoAcceptedOffer, "No accepted offer that names this company or employer stands on the first day.");

        if (reported.StartOn < known.DeterminedOn)
            return Refusal.Of(ErrorReason.StartBeforeDetermination, "The first day lies before the determination.");

        if (reported.StartOn < offer.AnsweredOn)
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The first day lies before the answer to the offer.");

        return null;
    }

    private static bool Names(in KnownOffer offer, in Reported reported) => reported.CompanyId.Length > 0
        ? offer.CompanyId == reported.CompanyId
        : offer.CompanyId.Length == 0 && offer.Employer == reported.Employer;

    /// <summary>Whether a person's hours stay within forty a week on every day of a new stretch; null when they do.</summary>
    /// <param name="others">His hours elsewhere.</param>
    public static Refusal? WithinFortyHours(in Stretch added, IReadOnlyList<Stretch> others)
    {
        // The sum only rises where a stretch begins.
        if (Exceeds(added, others, added.From)) return Exceeded();
        foreach (var other in others)
        {
            if (other.From > added.From && other.From <= added.To && Exceeds(added, others, other.From)) return Exceeded();
        }

        return null;

        static Refusal Exceeded() => Refusal.Of(ErrorReason.HoursExceedForty, "The placements of this person overlap beyond forty hours a week.");
    }

    private static bool Exceeds(in Stretch added, IReadOnlyList<Stretch> others, DateOnly day)
    {
        var minutes = added.MinutesPerWeek;
        foreach (var other in others)
        {
            if (other.From <= day && day <= other.To) minutes += other.MinutesPerWeek;
        }

        return minutes > MostMinutesPerWeek;
    }

    /// <summary>A new version from a day on; the old one stays as it was.</summary>
    /// <param name="versions">All so far, oldest first.</param>
    public static Ruling<PlacementVersion> Amend(Placement placement, IReadOnlyList<PlacementVersion> versions, AmendPlacementRequest request)
    {
        if (request.ExpectedVersion != 0 && request.ExpectedVersion != placement.Version)
        {
            return Refusal.Of(ErrorReason.VersionChanged, "The placement was changed meanwhile.") with
            {
                Metadata = new Dictionary<string, string> { ["version"] = $"{placement.Version}" },
            };
        }

        if (placement.EndReason != EndReason.Unspecified) return Refusal.Of(ErrorReason.StateForbids, "The placement has ended.");

        var from = request.FromOn.ToDateOnly();
        if (from < versions[^1].FromOn) return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The change lies before the version that it changes.");
        if (from > placement.LastDay) return Refusal.Of(ErrorReason.StateForbids, "The change lies after the last day.");

        var lastDay = request.LastDay.ToDateOnlyOrNull() ?? placement.LastDay;
        var checks = new FieldChecks();
        checks.Require(request.LastDay is null || placement.ContractType == ContractType.Fixed, "last_day", "A permanent employment has no last day; end it.");
        checks.Require(lastDay >= from, "last_day", "Lies before the change.");
        if (checks.Violations.Count > 0) return Refusal.Fields(checks.Violations);

        return new PlacementVersion
        {
            PlacementId = placement.PlacementId,
            Version = placement.Version + 1,
            FromOn = from,
            MinutesPerWeek = request.MinutesPerWeek == 0 ? placement.MinutesPerWeek : request.MinutesPerWeek,
            LastDay = lastDay,
        };
    }

    /// <summary>The version with which a placement ends: the one in force on its last day, cut off there.</summary>
    /// <param name="versions">All so far, oldest first.</param>
    public static Ruling<PlacementVersion> End(Placement placement, IReadOnlyList<PlacementVersion> versions, DateOnly lastDay)
    {
        if (placement.EndReason != EndReason.Unspecified) return Refusal.Of(ErrorReason.StateForbids, "The placement has ended.");
        if (lastDay < placement.StartOn) return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The last day lies before the first.");
        if (lastDay > placement.LastDay) return Refusal.Of(ErrorReason.StateForbids, "The placement had an earlier last day; amend it first.");

        var inForce = versions.Last(version => version.FromOn <= lastDay);
        return new PlacementVersion
        {
            PlacementId = placement.PlacementId,
            Version = placement.Version + 1,
            FromOn = inForce.FromOn,
            MinutesPerWeek = inForce.MinutesPerWeek,
            LastDay = lastDay,
        };
    }

    /// <summary>Which hours held when, by the versions of one placement: each until a later one takes over.</summary>
    /// <param name="versions">Oldest first.</param>
    public static IEnumerable<Stretch> Stretches(IReadOnlyList<PlacementVersion> versions)
    {
        var until = versions[^1].LastDay;
        for (var i = versions.Count - 1; i >= 0; i--)
        {
            var version = versions[i];
            if (version.FromOn > until) continue;
            yield return new Stretch(version.FromOn, until, version.MinutesPerWeek);
                until = version.FromOn.AddDays(-1);
        }
    }
}
