using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Municipalities;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using UwvAdviceRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;
using UwvCorrectPerson = BeschutWerk.Contracts.Uwv.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>One answer names all that is wrong with a request: what breaks the rule of a field, and what a use case checks across fields.</summary>
public sealed class EveryViolationTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const string NoId = "1";

    private static readonly Timestamp NoInstant = new() { Nanos = -1 };

    private static readonly Dictionary<string, (Func<MunicipalityPlatform, Task<Refused>> Call, string[] Fields)> Calls = new()
    {
        ["RegisterTenant"] = (p => RefusedAsync(p.Tenants.RegisterTenantAsync(new RegisterTenantRequest(Register("GM9999")) { RequestId = NoId })), ["request_id", "municipality"]),
        ["ImportQuotaRegulation"] = (p => RefusedAsync(p.Quotas.ImportQuotaRegulationAsync(BrokenRegulation())),
            ["source", "effective_from", "numbers[0].municipality", "stated_total", "split_shares[0].municipality"]),
        ["GetQuotaLedger"] = (p => RefusedAsync(new QuotaService.QuotaServiceClient(p.Ministry()).GetQuotaLedgerAsync(new GetQuotaLedgerRequest
        {
            Municipality = Amsterdam, KnownAt = NoInstant,
        })), ["as_of", "known_at"]),
        ["RecordDropout"] = (p => RefusedAsync(p.Cases().RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = NoId, Reason = DropoutReason.Illness, DroppedOutOn = On(2, 1), MovedTo = "GM9998",
        })), ["case_id", "moved_to", "moved_to"]),
        ["OfferPlace"] = (p => RefusedAsync(p.Cases().OfferPlaceAsync(new OfferPlaceRequest(Offer(NoId)) { Employer = "Bakker" })), ["case_id", "company_id", "employer"]),
        ["CreateWebhook"] = (p => RefusedAsync(new WebhookService.WebhookServiceClient(p.Municipality(Amsterdam)).CreateWebhookAsync(new CreateWebhookRequest
        {
            Municipality = Amsterdam, RequestId = NoId, Url = "no url", Types_ = { "never-happened" }, After = "x", FromBeginning = true,
        })), ["request_id", "url", "types[0]", "after", "from_beginning"]),
        ["EndPlacement"] = (p => RefusedAsync(p.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = NoId, LastDay = On(2, 1), Reason = EndReason.Dropout,
        })), ["placement_id", "cause"]),
        ["AmendPlacement"] = (p => RefusedAsync(p.AsCompany.AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = NoId, FromOn = On(2, 1), LastDay = On(1, 1),
        })), ["placement_id", "last_day"]),
        ["CorrectPlacementEnd"] = (p => RefusedAsync(p.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = NoId,
        })), ["placement_id", "last_day", "reason"]),
        ["OpenCase"] = (p => RefusedAsync(p.Cases().OpenCaseAsync(new OpenCaseRequest(Open())
        {
            RequestId = NoId, OpenedOn = On(1, 1, 1950), SupportNeeds = { SupportNeed.IntensiveGuidance, SupportNeed.IntensiveGuidance },
        })), ["request_id", "opened_on", "support_needs"]),
        ["CorrectPerson of a case"] = (p => RefusedAsync(p.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
        {
            Municipality = Amsterdam, CaseId = NewId(), RequestId = NewId(), Reason = "Verkeerd.", CorrectedOn = On(2, 1), JoinCaseId = NewId(),
            SupportNeeds = { SupportNeed.IntensiveGuidance, SupportNeed.IntensiveGuidance },
        })), ["join_case_id", "support_needs"]),
        ["RequestAdvice"] = (p => RefusedAsync(new AdviceService.AdviceServiceClient(p.Service()).RequestAdviceAsync(new UwvAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Person = new Person { Name = "Ada", BirthDate = On(1, 1, 2000) }, Requester = Requester.Citizen,
            Benefit = Benefit.Participatiewet, Kind = AdviceKind.Repeat, ReceivedOn = On(1, 1, 1999),
        })), ["person.bsn", "requester", "requester_reference", "previous_advice_request_id", "received_on", "received_on"]),
        ["RecordAssessment"] = (p => RefusedAsync(p.AsUwv.RecordAssessmentAsync(BrokenAssessment())),
            ["assessment.guidance", "assessment.work_capacity.can_perform_task.answer", "assessment.support_needs", "assessment.adaptation.motivation"]),
        ["CorrectPerson"] = (p => RefusedAsync(new AdviceService.AdviceServiceClient(p.Service()).CorrectPersonAsync(new UwvCorrectPerson
        {
            Municipality = Amsterdam, RequestId = NewId(), Person = NewPerson(), AdviceRequestIds = { Utrecht, Utrecht },
        })), ["advice_request_ids[0]", "advice_request_ids[1]", "corrected_on", "advice_request_ids"]),
        ["ListAdviceRequests"] = (p => RefusedAsync(new AdviceService.AdviceServiceClient(p.Municipality(Amsterdam)).ListAdviceRequestsAsync(new ListAdviceRequestsRequest
        {
            PageSize = -1,
        })), ["page_size", "municipality"]),
        ["GetFigure"] = (p => RefusedAsync(Figures(p).GetFigureAsync(new GetFigureRequest { FigureId = "at_work", KnownAt = NoInstant, Municipality = Amsterdam, LabourMarketRegion = 1 })),
            ["known_at", "peildatum", "labour_market_region"]),
        ["GetSeries"] = (p => RefusedAsync(Figures(p).GetSeriesAsync(new GetSeriesRequest { FigureId = "at_work", PeriodFrom = On(2, 1), PeriodTo = On(1, 1), Step = SeriesStep.Month })),
            ["breakdown", "period_to"]),
        ["ExtrapolateFigure"] = (p => RefusedAsync(Figures(p).ExtrapolateFigureAsync(new ExtrapolateFigureRequest
        {
            FigureId = "positive_advices", BaseQuarterFrom = On(1, 2), PeriodFrom = On(1, 1), PeriodTo = On(6, 30),
        })), ["scenario", "base_quarter_from"]),
        ["ImportPublishedFigures"] = (p => RefusedAsync(new FigureService.FigureServiceClient(p.Ministry()).ImportPublishedFiguresAsync(new ImportPublishedFiguresRequest
        {
            RequestId = NewId(), Figures = { new PublishedFigure { FigureId = "at_work", Value = "1,5", RoundingStep = "1", Peildatum = On(1, 1), PeriodFrom = On(13, 1) } },
        })), ["imported_on", "figures[0].period_from", "figures[0].unit", "figures[0].value"]),
        ["CompareWithPublished"] = (p => RefusedAsync(Figures(p).CompareWithPublishedAsync(new CompareWithPublishedRequest { FigureId = "no_figure", KnownAt = NoInstant })),
            ["known_at", "figure_id"]),
        ["SubmitPractice"] = (p => RefusedAsync(new PracticeService.PracticeServiceClient(p.Cedris()).SubmitPracticeAsync(new SubmitPracticeRequest
        {
            RequestId = NewId(), Title = "Jan 123456782", Summary = "Kort.", Body = "Lang.",
        })), ["kind", "theme", "submitted_on", "title"]),
        ["ReviewPractice"] = (p => RefusedAsync(new PracticeService.PracticeServiceClient(p.Cedris()).ReviewPracticeAsync(new ReviewPracticeRequest
        {
            RequestId = NewId(), PracticeId = NoId, Outcome = ReviewOutcome.ChangesNeeded, ReviewedOn = On(1, 1),
        })), ["practice_id", "remarks"]),
        ["SearchPractices"] = (p => RefusedAsync(new PracticeService.PracticeServiceClient(p.Cedris()).SearchPracticesAsync(new SearchPracticesRequest
        {
            Query = "?!", PageSize = -1,
        })), ["page_size", "query"]),
        ["ReadEvents"] = (p => RefusedAsync(new EventService.EventServiceClient(p.Municipality(Amsterdam)).ReadEventsAsync(new ReadEventsRequest
        {
            Service = "nobody", PageSize = -1, After = "x", OwnSource = "y",
        })), ["page_size", "service", "municipality", "after", "own_source"]),
        ["GetFlow"] = (p => RefusedAsync(new OperationsService.OperationsServiceClient(p.Operator()).GetFlowAsync(new GetFlowRequest
        {
            Municipality = NoId, Service = "nobody", TraceId = "X",
        })), ["municipality", "service", "trace_id"]),
        ["VerifyStore"] = (p => RefusedAsync(new OperationsService.OperationsServiceClient(p.Operator()).VerifyStoreAsync(new VerifyStoreRequest
        {
            Municipality = NoId, Service = "nobody",
        })), ["municipality", "service"]),
    };

    public static TheoryData<string> Names => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task One_answer_names_every_field(string name)
    {
        var (call, fields) = Calls[name];
        var refused = await call(platform);
        Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Empty(fields.Except(refused.Fields));
        Assert.Equal(fields.Count(field => field == "received_on"), refused.Fields.Count(field => field == "received_on"));
    }

    [Fact]
    public async Task A_stream_that_is_refused_names_every_field_too()
    {
        using var call = new EventService.EventServiceClient(platform.Municipality(Amsterdam)).Subscribe(new SubscribeRequest
        {
            Municipality = NoId, After = "x", FromEnd = true, Types_ = { "never-happened" },
        });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var fields = error.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>().FieldViolations.Select(found => found.Field);
        Assert.Equal(["municipality", "after", "from_end", "types[0]"], fields);
    }

    [Fact]
    public async Task Each_item_of_a_report_is_told_what_is_wrong_with_the_report_and_with_itself()
    {
        using var call = platform.AsCompany.ReportPlacements();
        await call.RequestStream.SendAsync(new ReportPlacementsRequest
        {
            Municipality = NoId, Items = { new PlacementItem { PlacementId = NewId(), Report = new PlacementReport { ContractType = ContractType.Fixed } } },
        });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var fields = call.ResponseStream.Current.Answers[0].Refusal.Violations.Select(found => found.Field).ToList();
        Assert.Empty(new[] { "municipality", "report.case_id", "report.last_day" }.Except(fields));
    }

    [Fact]
    public async Task A_reason_that_has_a_name_is_the_answer_when_nothing_else_is_wrong()
    {
        var practice = new SubmitPracticeRequest
        {
            RequestId = NewId(), Kind = PracticeKind.Practice, Theme = PracticeTheme.Finding, Title = "Jan 123456782", Summary = "Kort.", Body = "Lang.", SubmittedOn = On(1, 1),
        };
        var refused = await RefusedAsync(new PracticeService.PracticeServiceClient(platform.Cedris()).SubmitPracticeAsync(practice));
        Assert.Equal((ErrorReason.PersonalData, "title"), (refused.Reason, Assert.Single(refused.Fields)));
        var regulation = Regulation();
        regulation.StatedTotal++;
        Assert.Equal(ErrorReason.QuotaSumDiffers, (await RefusedAsync(platform.Quotas.ImportQuotaRegulationAsync(regulation))).Reason);
    }

    private static FigureService.FigureServiceClient Figures(MunicipalityPlatform platform) => new(platform.Ministry());

    private static ImportQuotaRegulationRequest BrokenRegulation()
    {
        var regulation = Regulation(2019);
        (regulation.Source, regulation.EffectiveFrom) = ("", On(1, 1, 2020));
        regulation.Numbers[0].Municipality = "GM9999";
        regulation.Numbers[1].Number = 9;
        regulation.SplitShares.Add(new SplitShare { Municipality = Utrecht, Successor = Amsterdam, Number = 1 });
        return regulation;
    }

    private static RecordAssessmentRequest BrokenAssessment() => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = NewId(), AssessedOn = On(2, 1),
        Assessment = new Assessment
        {
            WorkCapacity = new WorkCapacity { CanPerformTask = new Finding { Motivation = "Gezien." } },
            Adaptation = new Finding { Answer = true, Motivation = "De loonwaarde is laag." },
            SupportNeeds = { SupportNeed.IntensiveGuidance, SupportNeed.IntensiveGuidance },
        },
    };
}
