using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.Placements;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class PlacementReportRules
{
    private static readonly DateOnly Start = new(2017, 3, 6);

    private static readonly Reported Report = new(Guid.NewGuid(), "sw-noord", "", Start, DateOnly.MaxValue, 1500);

    private static readonly KnownOffer Offer = new("sw-noord", "", Accepted: true, AnsweredOn: new(2017, 2, 27), FreedFrom: DateOnly.MaxValue);

    private static readonly Known Known = new(ContractRuns: true, Determination.Positive, DeterminedOn: new(2017, 2, 6), Offer);

    private static readonly Reported ByMunicipality = Report with { CompanyId = "", Employer = "Bakkerij De Ster" };

    private static readonly Known AtEmployer = Known with { ContractRuns = false, Offer = Offer with { CompanyId = "", Employer = "Bakkerij De Ster" } };

    [Fact]
    public void A_company_places_on_its_accepted_offer() => Assert.Null(PlacementRules.Report(Report, Known));

    [Fact]
    public void A_municipality_places_at_the_employer_of_its_offer_without_a_contract() => Assert.Null(PlacementRules.Report(ByMunicipality, AtEmployer));

    [Fact]
    public void It_may_start_on_the_day_of_determination_and_answer() => Assert.Null(PlacementRules.Report(
        Report, Known with { DeterminedOn = Start, Offer = Offer with { AnsweredOn = Start } }));

    [Fact]
    public void A_renewal_keeps_the_offer_as_long_as_the_place_is_taken()
    {
        var freed = Known with { Offer = Offer with { FreedFrom = Start } };
        Assert.Null(PlacementRules.Report(Report with { StartOn = Start.AddDays(-1) }, freed));
        Assert.Equal(ErrorReason.NoAcceptedOffer, PlacementRules.Report(Report, freed)?.Reason);
    }

    public static TheoryData<string, Reported, Known, ErrorReason> Refusals => new()
    {
        { "no contract on the first day", Report, Known with { ContractRuns = false }, ErrorReason.NoContract },
        { "nothing of the case is said without a contract", Report, new Known(false, Determination.Unspecified, DateOnly.MaxValue, null), ErrorReason.NoContract },
        { "no such case", Report, new Known(true, Determination.Unspecified, DateOnly.MaxValue, null), ErrorReason.NoAcceptedOffer },
        {
            "a case that is another's, decided", Report,
            Known with { Offer = Offer with { CompanyId = "sw-zuid" }, Determination = Determination.Negative }, ErrorReason.NoAcceptedOffer
        },
        { "no determination", Report, Known with { Determination = Determination.Unspecified }, ErrorReason.NoPositiveDetermination },
        {
            "no determination, for the municipality", ByMunicipality, new Known(false, Determination.Unspecified, DateOnly.MaxValue, null),
            ErrorReason.NoPositiveDetermination
        },
        { "a negative determination", Report, Known with { Determination = Determination.Negative }, ErrorReason.NoPositiveDetermination },
        { "no offer", Report, Known with { Offer = null }, ErrorReason.NoAcceptedOffer },
        { "an offer that was not accepted", Report, Known with { Offer = Offer with { Accepted = false } }, ErrorReason.NoAcceptedOffer },
        { "an offer of another company", Report, Known with { Offer = Offer with { CompanyId = "sw-zuid" } }, ErrorReason.NoAcceptedOffer },
        { "a company on an offer of an employer", Report, AtEmployer with { ContractRuns = true }, ErrorReason.NoAcceptedOffer },
        { "a municipality on an offer of a company", ByMunicipality, Known, ErrorReason.NoAcceptedOffer },
        { "a municipality at another employer", ByMunicipality with { Employer = "Slagerij Bos" }, AtEmployer, ErrorReason.NoAcceptedOffer },
        { "a start before the determination", Report, Known with { DeterminedOn = Start.AddDays(1) }, ErrorReason.StartBeforeDetermination },
        { "a start before the answer", Report, Known with { Offer = Offer with { AnsweredOn = Start.AddDays(1) } }, ErrorReason.DateBeforeItsBasis },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void It_is_refused_with(string because, Reported reported, Known known, ErrorReason reason) =>
        Assert.True(PlacementRules.Report(reported, known)?.Reason == reason, because);

    private static readonly Decision Positive = new(new(2017, 2, 6), Determination.Positive);

    private static readonly Decision Negative = new(new(2017, 4, 6), Determination.Negative);

    private static Refusal? OnFirstDay(Reported reported, Known known, bool renews, params Decision[] decisions) =>
        PlacementRules.Report(reported, PlacementRules.OnFirstDay(known, reported.StartOn, decisions, renews));

    [Fact]
    public void A_decision_stands_until_the_day_on_which_it_was_revised()
    {
        var revised = Known with { Determination = Determination.Negative, DeterminedOn = Negative.DeterminedOn };
        Assert.Equal(ErrorReason.NoPositiveDetermination, PlacementRules.Report(Report, revised)?.Reason);
        Assert.Null(OnFirstDay(Report, revised, false, Negative, Positive));
        Assert.Null(OnFirstDay(Report with { StartOn = Negative.DeterminedOn.AddDays(-1) }, revised, false, Positive, Negative));
        var after = Report with { StartOn = Negative.DeterminedOn };
        Assert.Equal(ErrorReason.NoPositiveDetermination, OnFirstDay(after, revised, false, Positive, Negative)?.Reason);
    }

    [Fact]
    public void A_start_before_the_first_positive_decision_stays_refused()
    {
        var later = new Decision(new(2017, 5, 6), Determination.Positive);
        var known = Known with { DeterminedOn = later.DeterminedOn };
        Assert.Equal(ErrorReason.StartBeforeDetermination, OnFirstDay(Report, known, false, later)?.Reason);
        var first = Negative with { DeterminedOn = new(2017, 1, 6) };
        Assert.Equal(ErrorReason.StartBeforeDetermination, OnFirstDay(Report, known, false, first, later)?.Reason);
        Assert.Null(OnFirstDay(Report, known, false, Positive, Negative, later));

        var revised = Known with { Determination = Determination.Negative };
        var last = Negative with { DeterminedOn = new(2017, 6, 6) };
        Assert.Equal(ErrorReason.NoPositiveDetermination, OnFirstDay(Report, revised, false, later, last)?.Reason);
    }

    [Fact]
    public void A_renewal_that_is_told_late_keeps_the_place_of_what_nobody_ended()
    {
        var freed = Known with { Offer = Offer with { FreedFrom = Start } };
        Assert.Null(OnFirstDay(Report, freed, renews: true));
        Assert.Equal(ErrorReason.NoAcceptedOffer, OnFirstDay(Report, freed, renews: false)?.Reason);
        var open = Known with { Offer = Offer with { Accepted = false, FreedFrom = Start } };
        Assert.Equal(ErrorReason.NoAcceptedOffer, OnFirstDay(Report, open, renews: true)?.Reason);
        Assert.Equal(ErrorReason.NoAcceptedOffer, OnFirstDay(Report, Known with { Offer = null }, renews: true)?.Reason);
    }

    private static PlacementReport Fields() => new()
    {
        CaseId = Guid.NewGuid().ToString(),
        OfferId = Guid.NewGuid().ToString(),
        Sector = EmployerSector.Sw,
        Workplace = "packaging",
        StartOn = Start.ToDate(),
        MinutesPerWeek = 1500,
        ContractType = ContractType.Permanent,
        Terms = "cao-aan-de-slag",
        Form = PlacementForm.Inside,
    };

    private static readonly DateOnly Today = new(2018, 6, 15);

    private static List<string> Broken(PlacementReport report, bool byMunicipality = false)
    {
        var item = new PlacementItem { PlacementId = Guid.NewGuid().ToString(), Report = report };
        return [.. PlacementRules.CheckFields(report, byMunicipality, FieldRules.Check(item, Today)).Select(violation => violation.Field)];
    }

    [Fact]
    public void A_complete_report_breaks_no_rule() => Assert.Empty(Broken(Fields()));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2401)]
    public void Hours_are_more_than_none_and_at_most_forty(int minutes)
    {
        var report = Fields();
        report.MinutesPerWeek = minutes;
        Assert.Equal(["report.minutes_per_week"], Broken(report));
    }

    [Fact]
    public void Forty_hours_are_allowed()
    {
        var report = Fields();
        report.MinutesPerWeek = 2400;
        Assert.Empty(Broken(report));
    }

    [Fact]
    public void A_first_day_in_the_future_is_refused()
    {
        var report = Fields();
        report.StartOn = Today.AddDays(1).ToDate();
        Assert.Equal(["report.start_on"], Broken(report));
    }

    [Fact]
    public void A_fixed_employment_has_a_last_day_on_or_after_the_first()
    {
        var report = Fields();
        report.ContractType = ContractType.Fixed;
        Assert.Equal(["report.last_day"], Broken(report));

        report.LastDay = Start.AddDays(-1).ToDate();
        Assert.Equal(["report.last_day"], Broken(report));

        report.LastDay = Start.ToDate();
        Assert.Empty(Broken(report));
    }

    [Fact]
    public void A_permanent_employment_has_no_last_day()
    {
        var report = Fields();
        report.LastDay = Start.AddYears(1).ToDate();
        Assert.Equal(["report.last_day"], Broken(report));
    }

    [Fact]
    public void A_government_employer_is_named()
    {
        var report = Fields();
        report.Sector = EmployerSector.Government;
        Assert.Equal(["report.employer"], Broken(report));
    }

    [Fact]
    public void A_municipality_names_an_employer_outside_a_sw_company()
    {
        Assert.Equal(["report.employer", "report.sector"], Broken(Fields(), byMunicipality: true));

        var report = Fields();
        report.Employer = "Bakkerij De Ster";
        report.Sector = EmployerSector.Market;
        Assert.Empty(Broken(report, byMunicipality: true));
    }

    [Fact]
    public void All_violations_of_an_item_come_at_once()
    {
        var report = new PlacementReport { CaseId = "x", MinutesPerWeek = 2401, Sector = EmployerSector.Government, ContractType = ContractType.Fixed };
        Assert.Equal(
            ["report.case_id", "report.employer", "report.form", "report.last_day", "report.minutes_per_week", "report.offer_id", "report.start_on", "report.terms", "report.workplace"],
            Broken(report).Order());
    }

    [Fact]
    public void An_empty_item_breaks_its_required_fields_only()
    {
        var item = new PlacementItem();
        Assert.Equal(["placement_id", "report"], FieldRules.Check(item, Today).Select(violation => violation.Field));
    }
}
