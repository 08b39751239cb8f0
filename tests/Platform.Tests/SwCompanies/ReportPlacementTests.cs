using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class ReportPlacementTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    [Fact]
    public async Task A_reported_placement_is_kept_and_its_candidate_is_at_work()
    {
        var candidate = await platform.AcceptedAsync();
        var request = Request(candidate);

        var answer = await platform.AsCompany().ReportPlacementAsync(request);

        Assert.Equal((request.RequestId, 1L), (answer.PlacementId, answer.Version));
        var placement = await platform.GetAsync(answer.PlacementId);
        Assert.Equal((Noord, request.Report, 1L), (placement.CompanyId, placement.Report, placement.Version));
        Assert.Equal([new PlacementVersion { FromOn = Start.ToDate(), MinutesPerWeek = 1500 }], placement.Versions);
        await Fixtures.PlatformFixture.Eventually(
            async () => (await platform.Cases().GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = candidate.CaseId })).Case.State == CaseState.Placed,
            "the municipality sees that the candidate is at work");
    }

    [Fact]
    public async Task A_municipality_reports_an_employer_outside_a_sw_company()
    {
        var candidate = await platform.AcceptedAsync(employer: "Bakkerij De Ster");
        var request = Request(candidate);
        request.Report.Employer = "Bakkerij De Ster";
        request.Report.Sector = EmployerSector.Market;
        request.Report.Form = PlacementForm.Regular;

        var answer = await platform.AsMunicipality().ReportPlacementAsync(request);

        var placement = await platform.AsMunicipality().GetPlacementAsync(new GetPlacementRequest { Municipality = Amsterdam, PlacementId = answer.PlacementId });
        Assert.Equal(("", "Bakkerij De Ster"), (placement.Placement.CompanyId, placement.Placement.Report.Employer));

        request.RequestId = NewId();
        request.Report.Employer = "Slagerij Bos";
        Assert.Equal(ErrorReason.NoAcceptedOffer, (await RefusedAsync(platform.AsMunicipality().ReportPlacementAsync(request))).Reason);
    }

    public static TheoryData<string, Action<ReportPlacementRequest>, string[]> BadFields { get; } = new()
    {
        { "municipality malformed", r => r.Municipality = "0363", ["municipality"] },
        { "id malformed", r => r.RequestId = "first", ["request_id"] },
        { "no report", r => r.Report = null, ["report"] },
        { "0 hours", r => r.Report.MinutesPerWeek = 0, ["report.minutes_per_week"] },
        { "more than 40 hours", r => r.Report.MinutesPerWeek = 2401, ["report.minutes_per_week"] },
        { "start in the future", r => r.Report.StartOn = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2).ToDate(), ["report.start_on"] },
        { "start on no day", r => r.Report.StartOn = new Google.Type.Date { Year = 2017, Month = 2, Day = 29 }, ["report.start_on"] },
        { "fixed without last day", r => r.Report.ContractType = ContractType.Fixed, ["report.last_day"] },
        { "permanent with last day", r => r.Report.LastDay = Start.AddYears(1).ToDate(), ["report.last_day"] },
        { "government without employer", r => r.Report.Sector = EmployerSector.Government, ["report.employer"] },
        { "unknown form", r => r.Report.Form = (PlacementForm)99, ["report.form"] },
        {
            "all at once",
            r =>
            {
                r.Report.CaseId = "";
                r.Report.OfferId = "x";
                r.Report.Workplace = " ";
                r.Report.Terms = new string('x', 201);
            },
            ["report.case_id", "report.offer_id", "report.workplace", "report.terms"]
        },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task A_bad_field_is_refused_by_name(string what, Action<ReportPlacementRequest> spoil, string[] fields)
    {
        var request = Request(new Candidate(Amsterdam, NewId(), NewId()));
        spoil(request);

        var refused = await RefusedAsync(platform.AsCompany().ReportPlacementAsync(request));

        Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.True(fields.SequenceEqual(refused.Fields), $"{what}: {string.Join(", ", refused.Fields)}");
    }

    [Fact]
    public async Task Nothing_is_placed_without_what_it_rests_on()
    {
        var accepted = await platform.AcceptedAsync();
        var before = await platform.CountAsync();

        async Task IsRefused(ErrorReason reason, ReportPlacementRequest request, string company = Noord)
        {
            var refused = await RefusedAsync(platform.AsCompany(company).ReportPlacementAsync(request));
            Assert.Equal((reason, StatusCode.FailedPrecondition), (refused.Reason, refused.Code));
        }

        await IsRefused(ErrorReason.NoContract, Request(accepted), "sw-oost");
        await IsRefused(ErrorReason.NoContract, Request(accepted, Report(accepted, Contracted.AddDays(-1), Start)));
        await IsRefused(ErrorReason.NoAcceptedOffer, Request(new Candidate(Amsterdam, await platform.OpenedAsync(), NewId())));
        await IsRefused(ErrorReason.NoAcceptedOffer, Request(new Candidate(Amsterdam, NewId(), NewId())));
        await IsRefused(ErrorReason.NoAcceptedOffer, Request(new Candidate(Amsterdam, await platform.DeterminedAsync(), NewId())));
        await IsRefused(ErrorReason.NoAcceptedOffer, Request(await platform.OfferedAsync()));
        await IsRefused(ErrorReason.NoAcceptedOffer, Request(accepted), Zuid);
        await IsRefused(ErrorReason.StartBeforeDetermination, Request(accepted, Report(accepted, Determined.AddDays(-1), Start)));
        await IsRefused(ErrorReason.DateBeforeItsBasis, Request(accepted, Report(accepted, Answered.AddDays(-1), Start)));

        Assert.Equal(before, await platform.CountAsync());
    }

    [Fact]
    public async Task A_person_works_at_most_forty_hours_a_week()
    {
        var (candidate, _) = await platform.PlacedAsync();

        var refused = await RefusedAsync(platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, Start.AddYears(1), 901))));
        Assert.Equal(ErrorReason.HoursExceedForty, refused.Reason);

        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, Start.AddYears(1), 900)));
    }

    [Fact]
    public async Task A_renewal_keeps_its_offer()
    {
        var candidate = await platform.AcceptedAsync();
        var lastDay = Start.AddMonths(6);

        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, lastDay, 2400)));
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, lastDay.AddDays(1), lastDay.AddYears(1), 2400)));
    }

    [Fact]
    public async Task A_place_that_was_freed_takes_nobody_without_a_new_offer()
    {
        var (candidate, placementId) = await platform.PlacedAsync();
        await platform.AsCompany().EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = Start.AddMonths(1).ToDate(), Reason = EndReason.Regular,
        });
        await Fixtures.PlatformFixture.Eventually(
            async () => (await platform.Cases().GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = candidate.CaseId })).Case.State != CaseState.Placed,
            "the municipality sees the end");

        // Whether the freed place has arrived here is asked before anything is accepted on it only when it is unknown: wait for it.
        await Fixtures.PlatformFixture.Eventually(
            async () =>
            {
                var request = Request(candidate, Report(candidate, Start.AddMonths(2), Start.AddMonths(2), 60));
                request.RequestId = NewId();
                try
                {
                    await platform.AsCompany().ReportPlacementAsync(request);
                    return false;
                }
                catch (RpcException error) when (RefusalStatus.ReasonOf(error) is ErrorReason.NoAcceptedOffer or ErrorReason.NoPositiveDetermination)
                {
                    return true;
                }
                catch (RpcException error) when (RefusalStatus.ReasonOf(error) == ErrorReason.HoursExceedForty)
                {
                    return false;
                }
            },
            "the place is free");
    }

    [Fact]
    public async Task The_same_report_is_answered_again_and_stored_once()
    {
        var candidate = await platform.AcceptedAsync();
        var request = Request(candidate);
        var first = await platform.AsCompany().ReportPlacementAsync(request);
        var count = await platform.CountAsync();

        Assert.Equal(first, await platform.AsCompany().ReportPlacementAsync(request));

        // What was accepted once stays accepted, also after the placement changed and ended.
        await platform.AsCompany().AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = request.RequestId, FromOn = Start.AddDays(10).ToDate(), MinutesPerWeek = 1200,
        });
        await platform.AsCompany().EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = request.RequestId, LastDay = Start.AddDays(20).ToDate(), Reason = EndReason.Regular,
        });
        Assert.Equal(first, await platform.AsCompany().ReportPlacementAsync(request));
        Assert.Equal(count, await platform.CountAsync());
    }

    [Fact]
    public async Task The_same_id_with_another_report_is_refused()
    {
        var candidate = await platform.AcceptedAsync();
        var request = Request(candidate);
        await platform.AsCompany().ReportPlacementAsync(request);

        request.Report.MinutesPerWeek = 1499;
        var refused = await RefusedAsync(platform.AsCompany().ReportPlacementAsync(request));
        Assert.Equal((ErrorReason.RequestIdReused, StatusCode.InvalidArgument), (refused.Reason, refused.Code));

        request.Report.MinutesPerWeek = 1500;
        Assert.Equal(request.RequestId, (await platform.AsCompany().ReportPlacementAsync(request)).PlacementId);
    }

    [Fact]
    public async Task A_municipality_that_is_unknown_somebody_elses_or_suspended_is_refused()
    {
        var request = Request(new Candidate("GM9999", NewId(), NewId()));
        Assert.Equal(ErrorReason.NoContract, (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(request))).Reason);

        request.Municipality = Rotterdam;
        request.Report.Employer = "Bakkerij De Ster";
        request.Report.Sector = EmployerSector.Market;
        Assert.Equal(ErrorReason.MunicipalityNotFound, (await RefusedAsync(platform.AsMunicipality(Amsterdam).ReportPlacementAsync(request))).Reason);

        const string Utrecht = "GM0344";
        await platform.RegisterAsync(Utrecht, "Utrecht");
        await platform.SignAsync(Utrecht, Noord);
        var accepted = await platform.AcceptedAsync(Utrecht);
        await new TenantService.TenantServiceClient(platform.Operator()).SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = Utrecht, RequestId = NewId(), SuspendedOn = new DateOnly(2018, 6, 18).ToDate(), Reason = "Toets",
        });
        async Task<ErrorReason> ReasonAsync(Candidate candidate) => (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(Request(candidate)))).Reason;
        // SwCompanies hears of it by event: asked with what is refused before that as well.
        await PlatformFixture.Eventually(async () => await ReasonAsync(new Candidate(Utrecht, NewId(), NewId())) == ErrorReason.TenantSuspended, "SwCompanies knows");
        Assert.Equal(ErrorReason.TenantSuspended, await ReasonAsync(accepted));
    }

    [Fact]
    public async Task Only_sw_companies_and_municipalities_report()
    {
        var request = Request(new Candidate(Amsterdam, NewId(), NewId()));
        foreach (var caller in new[] { platform.Uwv(), platform.Operator(), platform.Ministry(), platform.Service() })
        {
            var refused = await RefusedAsync(new PlacementService.PlacementServiceClient(caller).ReportPlacementAsync(request));
            Assert.Equal((ErrorReason.KindNotAllowed, StatusCode.PermissionDenied), (refused.Reason, refused.Code));
        }
    }
}
