using System.Diagnostics.CodeAnalysis;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Persons;
using BeschutWerk.Sector.Work;
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
/// <param name="Determination">The college's latest decision by its day; UNSPECIFIED when none is known.</param>
/// <param name="DeterminedOn">Since when it stands.</param>
/// <param name="Offer">The offer of this case; null when it is not known.</param>
public readonly record struct Known(bool ContractRuns, Determination Determination, DateOnly DeterminedOn, KnownOffer? Offer);

/// <summary>A decision of the college.</summary>
public readonly record struct Decision(DateOnly DeterminedOn, Determination Determination);

/// <summary>An offer of the municipality.</summary>
/// <param name="CompanyId">Sw-company that it names; empty for another employer.</param>
/// <param name="Employer">Employer that it names; empty for a sw-company.</param>
/// <param name="FreedFrom">First day on which the place is free again; <see cref="DateOnly.MaxValue"/> while it is taken.</param>
public readonly record struct KnownOffer(string CompanyId, string Employer, bool Accepted, DateOnly AnsweredOn, DateOnly FreedFrom);

/// <summary>Who may be placed, and what may become of a placement. Participatiewet 10b; letter, nrs. 5, 47, 78, 83.</summary>
public static partial class PlacementRules
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
        // Kept as they are, and told to municipalities and the country.
        Require(!PersonalData.HoldsBsn(report.Employer), "report.employer", PersonalData.Found);
        Require(!PersonalData.HoldsBsn(report.Workplace), "report.workplace", PersonalData.Found);
        Require(!PersonalData.HoldsBsn(report.Terms), "report.terms", PersonalData.Found);
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

        // A company hears of a case by an offer that names it, and of no other that there is one.
        var isOffered = known.Offer is { } made && Names(made, reported);
        if (reported.CompanyId.Length > 0 && !isOffered) return NoAcceptedOffer();

        if (known.Determination != Determination.Positive)
            return Refusal.Of(ErrorReason.NoPositiveDetermination, "The college has not determined that this person depends on sheltered work.");

        if (!isOffered || known.Offer is not { Accepted: true } offer || offer.FreedFrom <= reported.StartOn) return NoAcceptedOffer();

        if (reported.StartOn < known.DeterminedOn)
            return Refusal.Of(ErrorReason.StartBeforeDetermination, "The first day lies before the determination.");

        if (reported.StartOn < offer.AnsweredOn)
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The first day lies before the answer to the offer.");

        return null;

        static Refusal NoAcceptedOffer() =>
            Refusal.Of(ErrorReason.NoAcceptedOffer, "No accepted offer that names this company or employer stands on the first day.");
    }

    /// <summary>Whether a refusal may rest on what is known last, while on the first day something else held.</summary>
    public static bool MayDifferOnFirstDay(Refusal? refusal) => refusal?.Reason
        is ErrorReason.NoPositiveDetermination or ErrorReason.StartBeforeDetermination or ErrorReason.NoAcceptedOffer;

    /// <summary>
    /// What is known, as it held on the first day: a decision that the college revised later stood until then, and the place
    /// of a placement that nobody ended is taken as long as it is renewed without a day in between.
    /// </summary>
    /// <param name="startOn">First day.</param>
    /// <param name="decisions">All decisions on the case, one a day.</param>
    /// <param name="renews">Whether it renews, or comes beside, an earlier placement on the offer that nobody ended.</param>
    public static Known OnFirstDay(in Known known, DateOnly startOn, IEnumerable<Decision> decisions, bool renews)
    {
        var until = decisions.Where(decision => decision.DeterminedOn <= startOn);
        var stands = until.OrderBy(decision => decision.DeterminedOn).LastOrDefault();
        var then = stands.Determination == Determination.Positive
            ? known with { Determination = Determination.Positive, DeterminedOn = stands.DeterminedOn }
            : known;
        return then.Offer is { } offer && renews ? then with { Offer = offer with { FreedFrom = DateOnly.MaxValue } } : then;
    }

    private static bool Names(in KnownOffer offer, in Reported reported) => reported.CompanyId.Length > 0
        ? offer.CompanyId == reported.CompanyId
        : offer.CompanyId.Length == 0 && offer.Employer == reported.Employer;

    /// <summary>Whether a person's hours stay within forty a week on every day of a new stretch; null when they do.</summary>
    /// <param name="others">Their hours elsewhere.</param>
    public static Refusal? WithinFortyHours(in Stretch added, IReadOnlyList<Stretch> others)
    {
        // The sum only rises where a stretch begins.
        if (Exceeds(added, others, added.From)) return Exceeded();
        foreach (var other in others)
        {
            if (other.From > added.From && other.From <= added.LastDay && Exceeds(added, others, other.From)) return Exceeded();
        }

        return null;

        static Refusal Exceeded() => Refusal.Of(ErrorReason.HoursExceedForty, "The placements of this person overlap beyond forty hours a week.");
    }

    private static bool Exceeds(in Stretch added, IReadOnlyList<Stretch> others, DateOnly day)
    {
        var minutes = added.MinutesPerWeek;
        foreach (var other in others)
        {
            if (other.From <= day && day <= other.LastDay) minutes += other.MinutesPerWeek;
        }

        return minutes > MostMinutesPerWeek;
    }
}
