using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Platform.Tests.Municipalities;
using BeschutWerk.Sector.Persons;
using Google.Protobuf.Reflection;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What becomes of each text of the contracts: one that is kept or told as it is holds no citizen service number.</summary>
public sealed class FreeTextTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const string Text = "Over 123456782";

    /// <summary>Sealed for its store, and in no event.</summary>
    private static readonly string[] Sealed =
    [
        "Person.name", "DetermineCaseRequest.careless_advice_reason", "WithdrawOfferRequest.reason", "CorrectPersonRequest.reason",
        "TakeBackActRequest.reason", "Finding.motivation",
    ];

    /// <summary>Looked at and not kept, or of a shape that a use case checks.</summary>
    private static readonly string[] NotKept =
    [
        "SubscribeRequest.types", "ReadEventsRequest.own_source", "SettleLostEventsRequest.source", "SearchPracticesRequest.query", "CreateWebhookRequest.types",
        "PublishedFigure.value", "PublishedFigure.rounding_step",
    ];

    /// <summary>An address of the municipality itself, which may hold a key of nine digits; nobody else reads it but operators.</summary>
    private static readonly string[] OwnAddress = ["CreateWebhookRequest.url"];

    /// <summary>Kept or told as it is: each is refused.</summary>
    private static readonly Dictionary<string, Func<MunicipalityPlatform, Task<Refused>>> Plain = new()
    {
        ["OfferPlaceRequest.employer"] = p => RefusedAsync(p.Cases().OfferPlaceAsync(new OfferPlaceRequest(Offer(NewId())) { CompanyId = "", Employer = Text })),
        ["OfferPlaceRequest.budget_decision"] = p => RefusedAsync(p.Cases().OfferPlaceAsync(new OfferPlaceRequest(Offer(NewId())) { BudgetDecision = Text })),
        ["SuspendTenantRequest.reason"] = p => RefusedAsync(p.Tenants.SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = Groningen, RequestId = NewId(), SuspendedOn = On(7, 1), Reason = Text,
        })),
        ["DropParkedEventRequest.reason"] = p => RefusedAsync(Operations(p).DropParkedEventAsync(new DropParkedEventRequest
        {
            Service = "municipalities", RequestId = NewId(), ParkedId = 1, Reason = Text,
        })),
        ["SettleLostEventsRequest.reason"] = p => RefusedAsync(Operations(p).SettleLostEventsAsync(new SettleLostEventsRequest
        {
            Service = "municipalities", RequestId = NewId(), Source = "urn:beschutwerk:iets", FromSequence = 1, ToSequence = 1, Reason = Text,
        })),
        ["RestoreStoreRequest.reason"] = p => RefusedAsync(Operations(p).RestoreStoreAsync(new RestoreStoreRequest
        {
            Service = "municipalities", RequestId = NewId(), BackupId = "none", Reason = Text,
        })),
        ["RegisterTenantRequest.name"] = p => RefusedAsync(p.Tenants.RegisterTenantAsync(new RegisterTenantRequest(Register(Groningen)) { Name = Text })),
        ["RegisterTenantRequest.province"] = p => RefusedAsync(p.Tenants.RegisterTenantAsync(new RegisterTenantRequest(Register(Groningen)) { Province = Text })),
        ["RegisterTenantRequest.labour_market_region_name"] = p =>
            RefusedAsync(p.Tenants.RegisterTenantAsync(new RegisterTenantRequest(Register(Groningen)) { LabourMarketRegionName = Text })),
        ["ImportQuotaRegulationRequest.source"] = p => RefusedAsync(p.Quotas.ImportQuotaRegulationAsync(new ImportQuotaRegulationRequest { Source = Text })),
        ["RegisterCompanyRequest.name"] = p => RefusedAsync(new CompanyService.CompanyServiceClient(p.Operator()).RegisterCompanyAsync(new RegisterCompanyRequest { Name = Text })),
        ["PlacementReport.employer"] = p => ReportAsync(p, new PlacementReport { Employer = Text }),
        ["PlacementReport.workplace"] = p => ReportAsync(p, new PlacementReport { Workplace = Text }),
        ["PlacementReport.terms"] = p => ReportAsync(p, new PlacementReport { Terms = Text }),
        ["PublishedFigure.source"] = p => RefusedAsync(new FigureService.FigureServiceClient(p.Ministry()).ImportPublishedFiguresAsync(new ImportPublishedFiguresRequest
        {
            Figures = { new PublishedFigure { Source = Text } },
        })),
        ["SubmitPracticeRequest.title"] = p => SubmitAsync(p, new SubmitPracticeRequest { Title = Text }),
        ["SubmitPracticeRequest.summary"] = p => SubmitAsync(p, new SubmitPracticeRequest { Summary = Text }),
        ["SubmitPracticeRequest.body"] = p => SubmitAsync(p, new SubmitPracticeRequest { Body = Text }),
        ["ReviewPracticeRequest.remarks"] = p =>
            RefusedAsync(new PracticeService.PracticeServiceClient(p.Cedris()).ReviewPracticeAsync(new ReviewPracticeRequest { Remarks = Text })),
    };

    public static TheoryData<string> Names => [.. Plain.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_text_that_is_kept_as_it_is_holds_no_citizen_service_number(string name)
    {
        var field = name.Split('.')[1];
        var refused = await Plain[name](platform);
        Assert.Contains(refused.Fields, found => found.Split('.')[^1] == field);
        Assert.Contains(PersonalData.Found, refused.Descriptions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_service_looks_at_what_operators_write()
    {
        foreach (var service in PlatformServices.Names)
        {
            var drop = new DropParkedEventRequest { Service = service, RequestId = NewId(), ParkedId = 1, Reason = Text };
            var refused = await RefusedAsync(Operations(platform).DropParkedEventAsync(drop));
            Assert.Equal((service, ErrorReason.PersonalData), (service, refused.Reason));
        }
    }

    [Fact]
    public void Every_text_of_a_request_is_one_of_these()
    {
        var texts = ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .SelectMany(method => TextsOf(method.InputType, [])).ToHashSet();
        var known = Plain.Keys.Concat(Sealed).Concat(NotKept).Concat(OwnAddress).ToList();
        Assert.Empty(texts.Except(known));
        Assert.Empty(known.Except(texts));
    }

    private static IEnumerable<string> TextsOf(MessageDescriptor message, HashSet<MessageDescriptor> seen)
    {
        if (!message.File.Package.StartsWith("beschutwerk.", StringComparison.Ordinal) || !seen.Add(message)) yield break;
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Message)
            {
                foreach (var inner in TextsOf(field.MessageType, seen)) yield return inner;
            }
            else if (field.FieldType == FieldType.String && field.GetOptions()?.GetExtension(RulesExtensions.Rule)?.Format is null or Format.Unspecified)
            {
                yield return $"{message.Name}.{field.Name}";
            }
        }
    }

    private static OperationsService.OperationsServiceClient Operations(MunicipalityPlatform platform) => new(platform.Operator());

    private static Task<Refused> ReportAsync(MunicipalityPlatform platform, PlacementReport report) =>
        RefusedAsync(platform.AsCompany.ReportPlacementAsync(new ReportPlacementRequest { Municipality = Amsterdam, RequestId = NewId(), Report = report }));

    private static Task<Refused> SubmitAsync(MunicipalityPlatform platform, SubmitPracticeRequest practice) =>
        RefusedAsync(new PracticeService.PracticeServiceClient(platform.Cedris()).SubmitPracticeAsync(practice));
}
