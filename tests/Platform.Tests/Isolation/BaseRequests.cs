using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using CaseAdvice = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;
using AskUwv = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>What a request of each call must say beside what its fields ask, to be looked at as far as what it names.</summary>
internal static class BaseRequests
{
    /// <summary>A municipality of the country that takes no part.</summary>
    public const string Nowhere = "GM9999";

    /// <summary>The same, known to the list of the country's municipalities.</summary>
    public const string OfTheCountry = "GM0518";

    /// <summary>A resume token as a store would give it that there never was.</summary>
    public static readonly string NoToken = ResumeToken.After(new StoreName("municipalities", TenantId.Parse(Nowhere)), "0123456789abcdef", 1);

    /// <param name="tried">Where it is to name something.</param>
    public static void Adjust(MethodDescriptor method, Who who, IMessage request, IReadOnlyList<Place> tried)
    {
        var follows = Names(tried, "previous_advice_request_id");
        switch (request)
        {
            case CaseAdvice asked:
                asked.Kind = follows ? AdviceKind.Repeat : AdviceKind.First;
                break;
            case AskUwv asked:
                var isCitizen = who.Kind == OrganisationKind.Citizen;
                if (isCitizen) asked.Person.Bsn = who.Bsn;
                asked.Requester = isCitizen ? Requester.Citizen : Requester.Municipality;
                asked.PriorContact = PriorContact.None;
                asked.RequesterReference = isCitizen ? "" : IsolationPlatform.NewId();
                asked.Kind = follows ? AdviceKind.Repeat : AdviceKind.First;
                break;
            case RecordDropoutRequest dropout:
                dropout.Reason = Names(tried, "moved_to") ? DropoutReason.Moved : dropout.Reason;
                break;
            case Contracts.Municipalities.CorrectPersonRequest corrected:
                corrected.Person = IsolationPlatform.NewPerson();
                if (Names(tried, "swap_with_case_id")) corrected.SwapWithPerson = IsolationPlatform.NewPerson();
                break;
            case BackupStoreRequest backup:
                // One that is made counts for the next calls: the ids of these would be the operator's own.
                backup.Municipality = Nowhere;
                break;
            case CorrectPlacementEndRequest end:
                end.Reason = EndReason.Regular;
                break;
            case ImportQuotaRegulationRequest import:
                import.Numbers.Clear();
                import.MergeFrom(IsolationPlatform.Regulation());
                import.Numbers[0].Municipality = Nowhere;
                break;
            case RegisterCompanyRequest company:
                company.CompanyId = IsolationPlatform.Company;
                break;
            case SubmitPracticeRequest practice:
                practice.PracticeId = IsolationPlatform.NewId();
                break;
            case CreateWebhookRequest webhook:
                (webhook.Url, webhook.After) = ("https://ontvanger.invalid/haak", NoToken);
                break;
            case GetFlowRequest flow:
                flow.TraceId = Names(tried, "ids") ? "" : new string('0', 31) + "1";
                break;
            default:
                AdjustFigure(request);
                break;
        }
    }

    private static void AdjustFigure(IMessage request)
    {
        var (first, last) = (IsolationPlatform.On(1, 1), IsolationPlatform.On(3, 31));
        switch (request)
        {
            case GetFigureRequest asked:
                (asked.FigureId, asked.Peildatum) = ("at_work", last);
                break;
            case GetSeriesRequest asked:
                (asked.FigureId, asked.Step, asked.Breakdown) = ("at_work", SeriesStep.Quarter, Breakdown.Municipality);
                (asked.PeriodFrom, asked.PeriodTo) = (first, last);
                break;
            case ExtrapolateFigureRequest asked:
                (asked.FigureId, asked.Scenario, asked.BaseQuarterFrom) = ("positive_advices", Scenario.RepeatQuarter, first);
                (asked.PeriodFrom, asked.PeriodTo) = (first, IsolationPlatform.On(12, 31));
                break;
            case ImportPublishedFiguresRequest import:
                import.Figures.Clear();
                import.Figures.Add(new PublishedFigure
                {
                    FigureId = "at_work", Peildatum = last, Value = "1", RoundingStep = "1", Unit = FigureUnit.Persons,
                    Origin = FigureOrigin.Letter, Source = "Brief",
                });
                break;
            default:
                break;
        }
    }

    private static bool Names(IReadOnlyList<Place> tried, string name) => tried.Any(place => place.Name == name);
}
