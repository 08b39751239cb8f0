using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using RequestAdvice = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;

namespace BeschutWerk.Bench;

/// <summary>
/// One municipality, one sw-company with a contract, and candidates who accepted its offer, all through the public API. In
/// 2016 there was no number yet, so that nobody waits for a place. Compiled into every program that needs candidates.
/// </summary>
/// <param name="callers">Calls as one of the parties: operator, uwv, municipality, company.</param>
/// <param name="municipality">GM code.</param>
/// <param name="firstPerson">First eight digits of the first person's BSN; persons are candidates in one municipality only.</param>
internal sealed class Scene(Func<string, CallInvoker> callers, string municipality = Workload.Municipality, int firstPerson = 10_000_000)
{
    private const int SideBySide = 16;
    private const int MostTries = 3000;

    private static readonly DateOnly Asked = new(2016, 1, 4);
    private static readonly DateOnly Advised = new(2016, 2, 1);
    private static readonly DateOnly Determined = new(2016, 2, 8);
    private static readonly DateOnly Answered = new(2016, 2, 15);

    /// <summary>The same for every scene, so that the second registers nothing.</summary>
    private static readonly string CompanyRequest = NewId();

    private readonly CaseService.CaseServiceClient _cases = new(callers("municipality"));
    private readonly AdviceService.AdviceServiceClient _uwv = new(callers("uwv"));

    public async Task<IReadOnlyList<Candidate>> SetAsync(int candidates)
    {
        var day = new DateOnly(2015, 1, 1).ToDate();
        await new TenantService.TenantServiceClient(callers("operator")).RegisterTenantAsync(new RegisterTenantRequest
        {
            Municipality = municipality, RequestId = NewId(), Name = municipality, Province = "Noord-Holland",
            LabourMarketRegion = 10, LabourMarketRegionName = "Groot Amsterdam", RegisteredOn = day,
        });
        await new CompanyService.CompanyServiceClient(callers("operator")).RegisterCompanyAsync(new RegisterCompanyRequest
        {
            RequestId = CompanyRequest, CompanyId = Workload.Company, Name = "Bench", LabourMarketRegion = 10, RegisteredOn = day,
        });
        await new CompanyService.CompanyServiceClient(callers("municipality")).SignContractAsync(new SignContractRequest
        {
            Municipality = municipality, RequestId = NewId(), CompanyId = Workload.Company, SignedOn = day, StartOn = day,
        });

        var found = new Candidate[candidates];
        var persons = Persons().Take(candidates).ToArray();
        await Parallel.ForAsync(0, candidates, new ParallelOptions { MaxDegreeOfParallelism = SideBySide }, async (i, _) => found[i] = await AcceptedAsync(persons[i]));
        return found;
    }

    private async Task<Candidate> AcceptedAsync(Person person)
    {
        var caseId = (await _cases.OpenCaseAsync(new OpenCaseRequest
        {
            Municipality = municipality, RequestId = NewId(), Person = person, Source = CandidateSource.Bijstand, Benefit = Benefit.Participatiewet, OpenedOn = Asked.ToDate(),
        })).CaseId;
        var adviceId = (await _cases.RequestAdviceAsync(new RequestAdvice
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId, ReceivedOn = Asked.ToDate(), Kind = AdviceKind.First,
        })).AdviceRequestId;
        await _uwv.RecordAssessmentAsync(new RecordAssessmentRequest
        {
            Municipality = municipality, RequestId = NewId(), AdviceRequestId = adviceId, Assessment = NeedsGuidance(), AssessedOn = Advised.ToDate(),
        });
        await _uwv.IssueAdviceAsync(new IssueAdviceRequest
        {
            Municipality = municipality, RequestId = NewId(), AdviceRequestId = adviceId, Verdict = Verdict.Positive, Ground = Ground.Guidance, IssuedOn = Advised.ToDate(),
        });
        await DetermineAsync(caseId);
        var offerId = (await _cases.OfferPlaceAsync(new OfferPlaceRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId, CompanyId = Workload.Company,
            PlannedStart = Workload.FirstDay.ToDate(), MinutesPerWeek = Row.MinutesPerWeek, OfferedOn = Determined.ToDate(),
        })).OfferId;
        await _cases.RespondToOfferAsync(new RespondToOfferRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId, OfferId = offerId, Accepted = true, AnsweredOn = Answered.ToDate(),
        });
        return new Candidate(Guid.Parse(caseId), Guid.Parse(offerId));
    }

    private async Task DetermineAsync(string caseId)
    {
        var request = new DetermineCaseRequest
        {
            Municipality = municipality, RequestId = NewId(), CaseId = caseId,
            Determination = Determination.Positive, DeterminedOn = Determined.ToDate(), NotifiedOn = Determined.ToDate(),
        };
        for (var tries = 0; ; tries++)
        {
            try
            {
                await _cases.DetermineCaseAsync(request);
                return;
            }
            catch (RpcException error) when (tries < MostTries && RefusalStatus.ReasonOf(error) == ErrorReason.AdviceMissing)
            {
                // The advice is on its way from UWV.
                await Task.Delay(20);
            }
        }
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

    /// <summary>Made-up persons whose numbers pass the eleven-test: weights 9 to 2, and -1 for the last digit.</summary>
    private IEnumerable<Person> Persons()
    {
        for (var number = firstPerson; ; number++)
        {
            var check = $"{number}".Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (check < 10) yield return new Person { Bsn = $"{number}{check}", Name = $"Candidate {number}", BirthDate = new DateOnly(1990, 5, 17).ToDate() };
        }
    }

    private static string NewId() => Guid.CreateVersion7().ToString("D");
}
