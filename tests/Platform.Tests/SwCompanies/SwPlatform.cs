using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>
/// A platform with two municipalities and two sw-companies; Noord has a contract with Amsterdam and Rotterdam, Zuid with
/// Amsterdam. Candidates with an accepted offer are reached through the public API, with dates of 2016, when there was no number.
/// </summary>
public class SwPlatform : PlatformFixture, IAsyncLifetime
{
    public const string Amsterdam = "GM0363";
    public const string Rotterdam = "GM0599";
    public const string Noord = "sw-noord";
    public const string Zuid = "sw-zuid";

    public static readonly DateOnly Contracted = new(2015, 1, 1);
    public static readonly DateOnly Advised = new(2016, 2, 1);
    public static readonly DateOnly Determined = new(2016, 2, 8);
    public static readonly DateOnly Answered = new(2016, 2, 15);
    public static readonly DateOnly Start = new(2016, 3, 1);

    private static int _persons = 23_456_000;

    public PlacementService.PlacementServiceClient AsCompany(string company = Noord) => new(SwCompany(company));

    public PlacementService.PlacementServiceClient AsMunicipality(string code = Amsterdam) => new(Municipality(code));

    public CompanyService.CompanyServiceClient Companies(CallInvoker caller) => new(caller);

    public CaseService.CaseServiceClient Cases(string code = Amsterdam) => new(Municipality(code));

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync(Amsterdam, "Amsterdam");
        await RegisterAsync(Rotterdam, "Rotterdam");
        foreach (var company in new[] { Noord, Zuid })
        {
            await Companies(Operator()).RegisterCompanyAsync(new RegisterCompanyRequest
            {
                RequestId = NewId(), CompanyId = company, Name = company, LabourMarketRegion = 10, RegisteredOn = Contracted.ToDate(),
            });
        }

        await SignAsync(Amsterdam, Noord);
        await SignAsync(Rotterdam, Noord);
        await SignAsync(Amsterdam, Zuid);
    }

    /// <summary>A candidate whose case is opened and nothing more.</summary>
    public async Task<string> OpenedAsync(string municipality = Amsterdam)
    {
        var opened = await Cases(municipality).OpenCaseAsync(new OpenCaseRequest
        {
            Municipality = municipality, RequestId = NewId(), Person = NewPerson(), Source = CandidateSource.Bijstand,
            Benefit = Benefit.Participatiewet, OpenedOn = new DateOnly(2016, 1, 4).ToDate(),
        });
        return opened.CaseId;
    }

    /// <summary>A candidate whom the college determined.</summary>
    public async Task<string> DeterminedAsync(string municipality = Amsterdam)
    {
        var caseId = await OpenedAsync(municipality);
        var asked = await Cases(municipality).RequestAdviceAsync(new Contracts.Municipalities.RequestAdviceRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId, ReceivedOn = new DateOnly(2016, 1, 4).ToDate(), Kind = AdviceKind.First,
        });
        var uwv = new AdviceService.AdviceServiceClient(Uwv());
        await uwv.RecordAssessmentAsync(new RecordAssessmentRequest
        {
            Municipality = municipality, RequestId = NewId(), AdviceRequestId = asked.AdviceRequestId, Assessment = NeedsGuidance(), AssessedOn = Advised.ToDate(),
        });
        await uwv.IssueAdviceAsync(new IssueAdviceRequest
        {
            Municipality = municipality, RequestId = NewId(), AdviceRequestId = asked.AdviceRequestId,
            Verdict = Verdict.Positive, Ground = Ground.Guidance, IssuedOn = Advised.ToDate(),
        });
        await Eventually(
            async () => (await Cases(municipality).GetCaseAsync(new GetCaseRequest { Municipality = municipality, CaseId = caseId })).Case.State == CaseState.AdvisedPositive,
            "the advice reaches the case");
        await Cases(municipality).DetermineCaseAsync(new DetermineCaseRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId,
            Determination = Determination.Positive, DeterminedOn = Determined.ToDate(), NotifiedOn = Determined.ToDate(),
        });
        return caseId;
    }

    /// <summary>A candidate with an offer at a company, or else at an employer.</summary>
    public async Task<Candidate> OfferedAsync(string municipality = Amsterdam, string company = Noord, string employer = "")
    {
        var caseId = await DeterminedAsync(municipality);
        var offered = await Cases(municipality).OfferPlaceAsync(new OfferPlaceRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId, CompanyId = employer.Length > 0 ? "" : company, Employer = employer,
            PlannedStart = Start.ToDate(), MinutesPerWeek = 1500, OfferedOn = Determined.ToDate(),
        });
        return new Candidate(municipality, caseId, offered.OfferId);
    }

    /// <summary>A candidate who accepted their offer.</summary>
    public async Task<Candidate> AcceptedAsync(string municipality = Amsterdam, string company = Noord, string employer = "")
    {
        var candidate = await OfferedAsync(municipality, company, employer);
        await Cases(municipality).RespondToOfferAsync(new RespondToOfferRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = candidate.CaseId, OfferId = candidate.OfferId, Accepted = true, AnsweredOn = Answered.ToDate(),
        });
        return candidate;
    }

    /// <summary>A report of a permanent placement of 25 hours at the company itself.</summary>
    public static PlacementReport Report(Candidate candidate) => new()
    {
        CaseId = candidate.CaseId,
        OfferId = candidate.OfferId,
        Sector = EmployerSector.Sw,
        Workplace = "packaging",
        StartOn = Start.ToDate(),
        MinutesPerWeek = 1500,
        ContractType = ContractType.Permanent,
        Terms = "cao-aan-de-slag",
        Form = PlacementForm.Inside,
    };

    /// <summary>The same for a part of the time.</summary>
    public static PlacementReport Report(Candidate candidate, DateOnly start, DateOnly lastDay, int minutesPerWeek = 1500)
    {
        var report = Report(candidate);
        report.StartOn = start.ToDate();
        report.ContractType = ContractType.Fixed;
        report.LastDay = lastDay.ToDate();
        report.MinutesPerWeek = minutesPerWeek;
        return report;
    }

    public static ReportPlacementRequest Request(Candidate candidate, PlacementReport? report = null) => new()
    {
        Municipality = candidate.Municipality, RequestId = NewId(), Report = report ?? Report(candidate),
    };

    /// <summary>A placement of a new candidate.</summary>
    public async Task<(Candidate Candidate, string PlacementId)> PlacedAsync(PlacementReport? report = null, string company = Noord)
    {
        var candidate = await AcceptedAsync(company: company);
        report ??= Report(candidate);
        (report.CaseId, report.OfferId) = (candidate.CaseId, candidate.OfferId);
        return (candidate, (await AsCompany(company).ReportPlacementAsync(Request(candidate, report))).PlacementId);
    }

    public async Task<Contracts.SwCompanies.Placement> GetAsync(string placementId, string company = Noord) =>
        (await AsCompany(company).GetPlacementAsync(new GetPlacementRequest { Municipality = Amsterdam, PlacementId = placementId })).Placement;

    public async Task<int> CountAsync(string municipality = Amsterdam)
    {
        var (count, token) = (0, "");
        do
        {
            var page = await AsMunicipality(municipality).ListPlacementsAsync(new ListPlacementsRequest { Municipality = municipality, PageSize = 500, PageToken = token });
            (count, token) = (count + page.Placements.Count, page.NextPageToken);
        }
        while (token.Length > 0);
        return count;
    }

    /// <summary>Lets a municipality's log say something that its cases do not.</summary>
    public Task TellAsync(IMessage told, string caseId, string municipality = Amsterdam)
    {
        var runtime = App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();
        var info = WriteInfo.Capture(Caller.OfService("municipalities"));
        return runtime.TenantStores.Get(TenantId.Parse(municipality)).WriteAsync(info, session =>
        {
            session.Raise(told, caseId);
            return true;
        });
    }

    public static string NewId() => Guid.CreateVersion7().ToString("D");

    /// <summary>Why a call is refused, and the fields that it names.</summary>
    public static async Task<Refused> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        var fields = error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.Select(violation => violation.Field) ?? [];
        return new Refused(RefusalStatus.ReasonOf(error), error.StatusCode, [.. fields]) { Error = error };
    }

    private static Assessment NeedsGuidance()
    {
        static Finding Found(bool answer) => new() { Answer = answer, Motivation = "Seen at the workplace." };
        return new Assessment
        {
            WorkCapacity = new WorkCapacity { CanPerformTask = Found(true), HasBasicSkills = Found(true), CanWorkOneHour = Found(true), LoadableFourHours = Found(true) },
            Adaptation = Found(false),
            Guidance = Found(true),
            SupportNeeds = { SupportNeed.PermanentSupervision },
        };
    }

    private static Person NewPerson()
    {
        var number = Interlocked.Increment(ref _persons);
        // Eight digits whose ninth passes the eleven-test: weights 9 to 2, and -1 for the last.
        for (; ; number += 10_000)
        {
            var check = $"{number:D8}".Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (check < 10) return new Person { Bsn = $"{number:D8}{check}", Name = $"Candidate {number}", BirthDate = new DateOnly(1990, 5, 17).ToDate() };
        }
    }

    public async Task RegisterAsync(string code, string name) => await new TenantService.TenantServiceClient(Operator()).RegisterTenantAsync(new RegisterTenantRequest
    {
        Municipality = code, RequestId = NewId(), Name = name, Province = "Province", LabourMarketRegion = 10, LabourMarketRegionName = "Region", RegisteredOn = Contracted.ToDate(),
    });

    public async Task SignAsync(string municipality, string company) => await Companies(Municipality(municipality)).SignContractAsync(new SignContractRequest
    {
        Municipality = municipality, RequestId = NewId(), CompanyId = company, SignedOn = Contracted.ToDate(), StartOn = Contracted.ToDate(),
    });

    public sealed record Candidate(string Municipality, string CaseId, string OfferId);

    public sealed record Refused(ErrorReason Reason, StatusCode Code, IReadOnlyList<string> Fields)
    {
        public required RpcException Error { get; init; }
    }
}
