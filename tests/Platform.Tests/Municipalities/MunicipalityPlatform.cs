using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Rpc;
using Grpc.Core;
using Assess = BeschutWerk.Contracts.Uwv.RecordAssessmentRequest;
using CaseAdvice = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>
/// A small country: five municipalities of 2018 that take part, their numbers by persons, and one sw-company. Cases are
/// brought to a state through the public API of all services.
/// </summary>
public class MunicipalityPlatform : PlatformFixture, IAsyncLifetime
{
    public const string Amsterdam = "GM0363", Utrecht = "GM0344", Groningen = "GM0014", Terschelling = "GM0093", Westerwolde = "GM1950";
    public const string Company = "wedeka";

    private static int _persons = 23_456_000;

    public static Date On(int month, int day, int year = 2018) => new() { Year = year, Month = month, Day = day };

    public static string NewId() => Guid.NewGuid().ToString("D");

    public CaseService.CaseServiceClient Cases(string code = Amsterdam) => new(Municipality(code));

    public QuotaService.QuotaServiceClient Quotas => new(Operator());

    public TenantService.TenantServiceClient Tenants => new(Operator());

    public AdviceService.AdviceServiceClient AsUwv => new(Uwv());

    public PlacementService.PlacementServiceClient AsCompany => new(SwCompany(Company));

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await PopulateAsync();
    }

    protected virtual async Task PopulateAsync()
    {
        foreach (var code in new[] { Amsterdam, Utrecht, Groningen, Terschelling, Westerwolde }) await Tenants.RegisterTenantAsync(Register(code));
        await Quotas.ImportQuotaRegulationAsync(Regulation());
        await new CompanyService.CompanyServiceClient(Operator()).RegisterCompanyAsync(
            new RegisterCompanyRequest { RequestId = NewId(), CompanyId = Company, Name = "Wedeka", LabourMarketRegion = 1, RegisteredOn = On(1, 1, 2015) });
        foreach (var code in new[] { Amsterdam, Utrecht })
        {
            await new CompanyService.CompanyServiceClient(Municipality(code)).SignContractAsync(
                new SignContractRequest { Municipality = code, RequestId = NewId(), CompanyId = Company, SignedOn = On(1, 1, 2015), StartOn = On(1, 1, 2015) });
        }
    }

    protected override PlatformOptions Configure(PlatformOptions options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.DataFolder, "division")).FullName;
        File.WriteAllText(Path.Combine(folder, "municipalities.csv"), """
            code,name,province,valid_from,valid_to,origin
            GM0363,Amsterdam,Noord-Holland,1970-01-01,,TEST
            GM0344,Utrecht,Utrecht,1970-01-01,,TEST
            GM0014,Groningen,Groningen,1970-01-01,,TEST
            GM0093,Terschelling,Friesland,1970-01-01,,TEST
            GM0518,'s-Gravenhage,Zuid-Holland,1970-01-01,,TEST
            GM0007,Bellingwedde,Groningen,1968-01-01,2018-01-01,TEST
            GM0048,Vlagtwedde,Groningen,1968-01-01,2018-01-01,TEST
            GM1950,Westerwolde,Groningen,2018-01-01,,TEST
            """);
        File.WriteAllText(Path.Combine(folder, "municipality-successors.csv"), """
            code,name,successor,successor_name,date,origin,remark
            GM0007,Bellingwedde,GM1950,Westerwolde,2018-01-01,TEST,
            GM0048,Vlagtwedde,GM1950,Westerwolde,2018-01-01,TEST,
            """);
        return options with { Settings = new Dictionary<string, string?> { ["Reference:Folder"] = folder } };
    }

    public static RegisterTenantRequest Register(string code) => new()
    {
        Municipality = code, RequestId = NewId(), Name = "Gemeente " + code, Province = "Provincie", LabourMarketRegion = 1,
        LabourMarketRegionName = "Regio", RegisteredOn = On(6, 15),
    };

    /// <summary>The regulation for 2018 in persons: 100, 1, 70, 0, 10, and 2 + 5 that count for Westerwolde.</summary>
    public static ImportQuotaRegulationRequest Regulation(int year = 2018, CountingUnit unit = CountingUnit.EmploymentRelationships) => new()
    {
        RequestId = NewId(), Year = year, CountingUnit = unit, Source = $"Stcrt. {year}", StatedTotal = 188,
        PublishedOn = On(11, 20, year - 1), EffectiveFrom = On(1, 1, year),
        Numbers = { Row(Amsterdam, 100), Row(Utrecht, 1), Row(Groningen, 70), Row(Terschelling, 0), Row("GM0518", 10), Row("GM0007", 2), Row("GM0048", 5) },
    };

    public static QuotaNumber Row(string code, int number) => new() { Municipality = code, Number = number, Origin = QuotaOrigin.Regulation };

    public static Person NewPerson() => new()
    {
        Bsn = NewBsn(), Name = $"Persoon {Interlocked.Increment(ref _persons)}", BirthDate = On(5, 17, 1990),
    };

    public static OpenCaseRequest Open(string code = Amsterdam, Person? person = null) => new()
    {
        Municipality = code, RequestId = NewId(), Person = person ?? NewPerson(), Source = CandidateSource.Bijstand,
        Benefit = Benefit.Participatiewet, OpenedOn = On(1, 2),
    };

    public static CaseAdvice Ask(string caseId, string code = Amsterdam) =>
        new() { Municipality = code, RequestId = NewId(), CaseId = caseId, ReceivedOn = On(1, 8), Kind = AdviceKind.First };

    public static DetermineCaseRequest Determine(string caseId, string code = Amsterdam, Determination decision = Determination.Positive) => new()
    {
        Municipality = code, RequestId = NewId(), CaseId = caseId, Determination = decision, DeterminedOn = On(2, 12), NotifiedOn = On(2, 13),
    };

    public static OfferPlaceRequest Offer(string caseId, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), CaseId = caseId, CompanyId = Company, PlannedStart = On(3, 5), MinutesPerWeek = 1500, OfferedOn = On(2, 20),
    };

    public static RespondToOfferRequest Respond(string caseId, string offerId, bool accepted = true, bool fitting = false, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), CaseId = caseId, OfferId = offerId, Accepted = accepted, Fitting = fitting, AnsweredOn = On(2, 23),
    };

    public static ReportPlacementRequest Place(string caseId, string offerId, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(),
        Report = new PlacementReport
        {
            CaseId = caseId, OfferId = offerId, Sector = EmployerSector.Sw, Workplace = "Groen", StartOn = On(3, 5), MinutesPerWeek = 1500,
            ContractType = ContractType.Permanent, Terms = "cao", Form = PlacementForm.Inside,
        },
    };

    public async Task<string> OpenedAsync(string code = Amsterdam, Person? person = null) => (await Cases(code).OpenCaseAsync(Open(code, person))).CaseId;

    /// <summary>A case for which UWV just advised; the event may not have arrived.</summary>
    public async Task<(string CaseId, string AdviceRequestId)> AdvisedAsync(string code = Amsterdam, bool positive = true)
    {
        var caseId = await OpenedAsync(code);
        var asked = await Cases(code).RequestAdviceAsync(Ask(caseId, code));
        await AdviseAsync(asked.AdviceRequestId, code, positive);
        return (caseId, asked.AdviceRequestId);
    }

    public async Task AdviseAsync(string adviceRequestId, string code = Amsterdam, bool positive = true)
    {
        await AsUwv.RecordAssessmentAsync(new Assess
        {
            Municipality = code, RequestId = NewId(), AdviceRequestId = adviceRequestId, AssessedOn = On(1, 29),
            Assessment = new Assessment
            {
                WorkCapacity = new WorkCapacity { CanPerformTask = Finding(true), HasBasicSkills = Finding(true), CanWorkOneHour = Finding(true), LoadableFourHours = Finding(true) },
                Adaptation = Finding(false), Guidance = Finding(positive), SupportNeeds = { SupportNeed.IntensiveGuidance },
            },
        });
        await AsUwv.IssueAdviceAsync(new IssueAdviceRequest
        {
            Municipality = code, RequestId = NewId(), AdviceRequestId = adviceRequestId, IssuedOn = On(2, 5),
            Verdict = positive ? Verdict.Positive : Verdict.Negative, Ground = positive ? Ground.Guidance : Ground.RegularEmployerPossible,
        });
    }

    public async Task<string> DeterminedAsync(string code = Amsterdam)
    {
        var (caseId, _) = await AdvisedAsync(code);
        await Cases(code).DetermineCaseAsync(Determine(caseId, code));
        return caseId;
    }

    public async Task<(string CaseId, string OfferId)> OfferedAsync(string code = Amsterdam)
    {
        var caseId = await DeterminedAsync(code);
        return (caseId, (await Cases(code).OfferPlaceAsync(Offer(caseId, code))).OfferId);
    }

    public async Task<(string CaseId, string OfferId, string PlacementId)> PlacedAsync(string code = Amsterdam)
    {
        var (caseId, offerId) = await OfferedAsync(code);
        await Cases(code).RespondToOfferAsync(Respond(caseId, offerId, code: code));
        var placed = await AsCompany.ReportPlacementAsync(Place(caseId, offerId, code));
        await BecomesAsync(caseId, CaseState.Placed, code);
        return (caseId, offerId, placed.PlacementId);
    }

    /// <summary>A person whose offer is accepted, so that the company may report hours.</summary>
    public async Task<(string CaseId, string OfferId)> AcceptedAsync(string code, Person person, int minutesPerWeek)
    {
        var caseId = await OpenedAsync(code, person);
        await AdviseAsync((await Cases(code).RequestAdviceAsync(Ask(caseId, code))).AdviceRequestId, code);
        await Cases(code).DetermineCaseAsync(Determine(caseId, code));
        var offer = Offer(caseId, code);
        offer.MinutesPerWeek = minutesPerWeek;
        var offerId = (await Cases(code).OfferPlaceAsync(offer)).OfferId;
        await Cases(code).RespondToOfferAsync(Respond(caseId, offerId, code: code));
        return (caseId, offerId);
    }

    public static ReportPlacementRequest Place(string caseId, string offerId, string code, int minutesPerWeek)
    {
        var place = Place(caseId, offerId, code);
        place.Report.MinutesPerWeek = minutesPerWeek;
        return place;
    }

    public async Task<Case> CaseAsync(string caseId, string code = Amsterdam) =>
        (await Cases(code).GetCaseAsync(new GetCaseRequest { Municipality = code, CaseId = caseId })).Case;

    /// <summary>Waits until an event of another service brought the case to a state.</summary>
    public Task BecomesAsync(string caseId, CaseState state, string code = Amsterdam) =>
        Eventually(async () => (await CaseAsync(caseId, code)).State == state, $"case {state}");

    public async Task<GetQuotaLedgerResponse> LedgerAsync(string code, Date asOf, DateTimeOffset? knownAt = null)
    {
        var request = new GetQuotaLedgerRequest { Municipality = code, AsOf = asOf };
        if (knownAt is { } instant) request.KnownAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(instant);
        return await new QuotaService.QuotaServiceClient(Ministry()).GetQuotaLedgerAsync(request);
    }

    /// <summary>
    /// An instant after all that was recorded, and before all that is recorded from now on. Stores record to the millisecond:
    /// what is written in the millisecond of an instant is known then.
    /// </summary>
    public static async Task<DateTimeOffset> InstantAsync()
    {
        var instant = DateTimeOffset.UtcNow;
        await Eventually(
            () => Task.FromResult(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() > instant.ToUnixTimeMilliseconds()), "the next millisecond begins");
        return instant;
    }

    /// <summary>Names of the events of a case, in order.</summary>
    public async Task<List<string>> TimelineAsync(string caseId, string code = Amsterdam) =>
        [.. (await Cases(code).GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = code, CaseId = caseId })).Entries
            .Select(entry => entry.Event.Type.Split('.')[^2])];

    /// <summary>Why a call is refused, and the fields that it names.</summary>
    public static async Task<Refused> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        var fields = error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? [];
        return new Refused(RefusalStatus.ReasonOf(error), error.StatusCode, [.. fields.Select(field => field.Field)], string.Join(' ', fields.Select(field => field.Description)));
    }

    public sealed record Refused(ErrorReason Reason, StatusCode Code, IReadOnlyList<string> Fields, string Descriptions);

    private static Finding Finding(bool answer) => new() { Answer = answer, Motivation = "Gezien tijdens het huisbezoek." };

    // Nine digits whose weighted sum (9..2, and -1 for the last) is a multiple of eleven.
    private static string NewBsn()
    {
        while (true)
        {
            var digits = $"{Interlocked.Increment(ref _persons):D8}";
            var last = digits.Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (last < 10) return digits + last;
        }
    }
}
