using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using BeschutWerk.Platform.Tests.Uwv;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using OrganisationKind = BeschutWerk.Contracts.Backbone.OrganisationKind;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>
/// The small country with something of everybody: cases in every state in two municipalities, placements of two companies, own
/// requests of citizens, webhooks, practices that were not published. It knows whose each is.
/// </summary>
public sealed class IsolationPlatform : MunicipalityPlatform
{
    private const string North = "sw-noord", Stranger = "sw-vreemd";

    /// <summary>The municipalities that take part.</summary>
    public static readonly string[] Registered = [Amsterdam, Utrecht, Groningen, Terschelling, Westerwolde];

    private static readonly string[] KnowHidden = ["uwv:uwv", "service:uwv", "service:insight", "service:municipalities"];

    private readonly Dictionary<string, Person> _citizens = [];
    private StoredCalls? _stored;

    /// <summary>All that belongs to somebody.</summary>
    internal List<Owned> Owned { get; } = [];

    /// <summary>Everybody who may call something, and somebody who may call nothing.</summary>
    internal List<Who> Everybody { get; } = [];

    internal StoredCalls Stored => _stored ??= new StoredCalls(Options.DataFolder);

    internal Task CaughtUpAsync() => App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    protected override async Task PopulateAsync()
    {
        await base.PopulateAsync();
        await RegisterCompaniesAsync();
        AddCallers();
        foreach (var code in Registered) Own("municipality", code, code, code, who => TakesPart(who, code));
        await FillAsync(Amsterdam, Company, "anna");
        await FillAsync(Amsterdam, North, "arie");
        await FillAsync(Groningen, North, "bert");
        await AddHiddenAsync(Amsterdam, "carla");
        await AddCaseAsync(Utrecht, Company, "");
        await AddPracticesAsync();
        await AddTokensAsync();
        await CaughtUpAsync();
    }

    private async Task RegisterCompaniesAsync()
    {
        foreach (var company in new[] { North, Stranger })
        {
            await new CompanyService.CompanyServiceClient(Operator()).RegisterCompanyAsync(new RegisterCompanyRequest
            {
                RequestId = Used("operator:operator"), CompanyId = company, Name = company, LabourMarketRegion = 1, RegisteredOn = On(1, 1, 2015),
            });
        }

        foreach (var code in new[] { Amsterdam, Groningen })
        {
            await new CompanyService.CompanyServiceClient(Municipality(code)).SignContractAsync(new SignContractRequest
            {
                Municipality = code, RequestId = Used("municipality:" + code), CompanyId = North, SignedOn = On(1, 1, 2015), StartOn = On(1, 1, 2015),
            });
        }
    }

    private void AddCallers()
    {
        Add("municipality", OrganisationKind.Municipality, Amsterdam, Municipality(Amsterdam), Amsterdam);
        Add("another municipality", OrganisationKind.Municipality, Terschelling, Municipality(Terschelling), Terschelling);
        var body = As(new ClientRegistration("gemeente-werkplein", IdentityKind.Municipality, "werkplein", "Werkplein", [Amsterdam]));
        Add("body with a mandate", OrganisationKind.Municipality, "werkplein", body, Amsterdam);
        AddCitizen("citizen", "anna", Amsterdam);
        AddCitizen("another citizen", "carla", Amsterdam);
        AddCitizen("citizen elsewhere", "bert", Groningen);
        Add("company", OrganisationKind.SwCompany, Company, SwCompany(Company), Amsterdam, Utrecht);
        Add("another company", OrganisationKind.SwCompany, North, SwCompany(North), Amsterdam, Groningen);
        Add("company without a contract", OrganisationKind.SwCompany, Stranger, SwCompany(Stranger));
        Add("UWV", OrganisationKind.Uwv, "uwv", Uwv());
        Add("Cedris", OrganisationKind.Cedris, "cedris", Cedris());
        Add("ministry", OrganisationKind.Ministry, "szw", Ministry());
        Add("operator", OrganisationKind.Operator, "operator", Operator());
        var second = As(new ClientRegistration("operator-2", IdentityKind.Operator, "second", "Operator", []));
        Add("another operator", OrganisationKind.Operator, "second", second);
        foreach (var service in PlatformServices.Names) Add($"service {service}", OrganisationKind.Service, service, Service(service));
        Add("nobody", OrganisationKind.Unspecified, "", WithToken("no.such.token"));

        void Add(string name, OrganisationKind kind, string id, CallInvoker invoker, params string[] municipalities) =>
            Everybody.Add(new Who(name, kind, id, "", municipalities, invoker));

        void AddCitizen(string name, string citizen, string code)
        {
            var bsn = PersonOf(citizen).Bsn;
            Everybody.Add(new Who(name, OrganisationKind.Citizen, Pseudonym(citizen), bsn, [code], Citizen(citizen, code, bsn)));
        }
    }

    /// <summary>Who a citizen is: one person for good.</summary>
    private Person PersonOf(string citizen)
    {
        if (!_citizens.TryGetValue(citizen, out var person)) _citizens.Add(citizen, person = NewPerson());
        return person;
    }

    /// <summary>Who may know that a municipality takes part.</summary>
    private static bool TakesPart(Who who, string code) => who.Kind switch
    {
        OrganisationKind.Municipality or OrganisationKind.Citizen or OrganisationKind.SwCompany => who.Municipalities.Contains(code),
        _ => true,
    };

    private async Task FillAsync(string code, string company, string citizen)
    {
        await AddCaseAsync(code, company, "", until: CaseState.Identified);
        await AddCaseAsync(code, company, "", until: CaseState.AdvisedPositive);
        await AddCaseAsync(code, company, "", until: CaseState.DeterminedPositive);
        await AddCaseAsync(code, company, "", until: CaseState.OfferOpen);
        await AddCaseAsync(code, company, "");
        // Who calls has a request that goes on, so that whatever they ask next is answered alike.
        await AddHiddenAsync(code, citizen);
        await AddCaseAsync(code, company, citizen + "-2", until: CaseState.OfferOpen);
        await AddWebhookAsync(code);
    }

    /// <summary>A case and what belongs to it, as far as a state.</summary>
    private async Task AddCaseAsync(string code, string company, string citizen, CaseState until = CaseState.Placed)
    {
        var (thread, person, own) = (NewId(), citizen.Length > 0 ? PersonOf(citizen) : NewPerson(), "municipality:" + code);
        OwnPerson(person, code, thread, citizen);
        string caseId, adviceId = "";
        if (citizen.Length > 0)
        {
            adviceId = await AskAsCitizenAsync(code, citizen, person);
            await AdviseAsync(adviceId, code);
            OwnAdvice(adviceId, code, thread, citizen, isHidden: false);
            caseId = await FoundAsync(code, adviceId);
            OwnCase("case_id", caseId, code, thread, "", citizen);
        }
        else
        {
            var open = Open(code, person);
            open.RequestId = Used(own);
            caseId = (await Cases(code).OpenCaseAsync(open)).CaseId;
            OwnCase("case_id", caseId, code, thread, until >= CaseState.OfferOpen ? company : "", citizen);
            if (until == CaseState.Identified) return;
            var ask = Ask(caseId, code);
            ask.RequestId = Used(own);
            adviceId = (await Cases(code).RequestAdviceAsync(ask)).AdviceRequestId;
            OwnAdvice(adviceId, code, thread, citizen, isHidden: false);
            await AdviseAsync(adviceId, code);
        }

        if (until == CaseState.AdvisedPositive) return;
        var determine = Determine(caseId, code);
        determine.RequestId = Used(own);
        await Cases(code).DetermineCaseAsync(determine);
        if (until == CaseState.DeterminedPositive) return;
        var offer = Offer(caseId, code);
        (offer.CompanyId, offer.RequestId) = (company, Used(own));
        var offerId = (await Cases(code).OfferPlaceAsync(offer)).OfferId;
        OwnCase("offer_id", offerId, code, thread, company, citizen);
        await AddEventAsync(caseId, code, thread);
        if (until == CaseState.OfferOpen) return;
        await Cases(code).RespondToOfferAsync(Respond(caseId, offerId, code: code));
        var place = Place(caseId, offerId, code);
        var placed = await new PlacementService.PlacementServiceClient(SwCompany(company)).ReportPlacementAsync(place);
        // It is the request_id of its report, too.
        foreach (var field in new[] { "placement_id", "request_id" })
        {
            Own(field, placed.PlacementId, field == "request_id" ? "" : code, thread, who => IsOfMunicipality(who, code) || who.Actor == "sw:" + company);
        }

        await BecomesAsync(caseId, CaseState.Placed, code);
    }

    private async Task<string> AskAsCitizenAsync(string code, string citizen, Person person) =>
        (await new AdviceService.AdviceServiceClient(Citizen(citizen, code, person.Bsn)).RequestAdviceAsync(new UwvRequest
        {
            Municipality = code, RequestId = Used("citizen:" + Pseudonym(citizen)), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia,
            Kind = AdviceKind.First, PriorContact = PriorContact.None, ReceivedOn = On(1, 8),
        })).AdviceRequestId;

    /// <summary>A citizen's request of which the municipality does not hear.</summary>
    private async Task AddHiddenAsync(string code, string citizen)
    {
        var (thread, person) = (NewId(), PersonOf(citizen));
        Own("person", person.Bsn, code, thread, who => who.Kind == OrganisationKind.Uwv || who.OrganisationId == Pseudonym(citizen));
        Own("person", person.Name, code, thread, who => who.Kind == OrganisationKind.Uwv || who.OrganisationId == Pseudonym(citizen));
        OwnAdvice(await AskAsCitizenAsync(code, citizen, person), code, thread, citizen, isHidden: true);
    }

    private async Task<string> FoundAsync(string code, string adviceId)
    {
        Case? found = null;
        await Eventually(async () =>
        {
            var listed = await Cases(code).ListCasesAsync(new ListCasesRequest { Municipality = code, PageSize = 500 });
            found = listed.Cases.SingleOrDefault(one => one.AdviceRequestId == adviceId);
            return found is not null;
        }, "the citizen's case");
        return found!.CaseId;
    }

    private async Task AddEventAsync(string caseId, string code, string thread)
    {
        var timeline = await Cases(code).GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = code, CaseId = caseId });
        Own("event_id", timeline.Entries[^1].Event.Id, code, thread, who => IsOfMunicipality(who, code));
    }

    private async Task AddWebhookAsync(string code)
    {
        var url = $"https://{NewId()}.invalid/haak";
        var webhooks = new WebhookService.WebhookServiceClient(Municipality(code));
        var made = await webhooks.CreateWebhookAsync(new CreateWebhookRequest { Municipality = code, RequestId = Used("municipality:" + code), Url = url });
        await webhooks.PauseWebhookAsync(new PauseWebhookRequest { Municipality = code, RequestId = NewId(), WebhookId = made.WebhookId });
        foreach (var (field, value) in new[] { ("webhook_id", made.WebhookId), ("secret", made.Secret), ("secret", url) })
        {
            Own(field, value, code, made.WebhookId, who => who.Kind == OrganisationKind.Municipality && who.Municipalities.Contains(code));
        }
    }

    private async Task AddPracticesAsync()
    {
        foreach (var who in Everybody.Where(who => who.Name is "another municipality" or "company" or "another company" or "body with a mandate"))
        {
            var title = $"Titel {NewId()}";
            var made = await new PracticeService.PracticeServiceClient(who.Invoker).SubmitPracticeAsync(new SubmitPracticeRequest
            {
                RequestId = Used(who.Actor), Kind = PracticeKind.Practice, Theme = PracticeTheme.Finding, SubmittedOn = On(1, 1),
                Title = title, Summary = "Kort.", Body = "Lang.",
            });
            foreach (var (field, value) in new[] { ("practice_id", made.PracticeId), ("secret", title) })
            {
                Own(field, value, "", made.PracticeId, other => other.Actor == who.Actor || other.Kind == OrganisationKind.Cedris);
            }
        }
    }

    private async Task AddTokensAsync()
    {
        foreach (var service in new[] { "municipalities", "uwv", "swcompanies" })
        {
            foreach (var code in Registered)
            {
                var page = await new EventService.EventServiceClient(Operator()).ReadEventsAsync(
                    new ReadEventsRequest { Service = service, Municipality = code, PageSize = 1 });
                Own("after", page.ResumeToken, code, page.ResumeToken, who => TakesPart(who, code));
            }
        }
    }

    private static bool IsOfMunicipality(Who who, string code) => who.Kind switch
    {
        OrganisationKind.Municipality => who.Municipalities.Contains(code),
        OrganisationKind.Operator or OrganisationKind.Service or OrganisationKind.Uwv => true,
        _ => false,
    };

    private void OwnCase(string field, string value, string code, string thread, string company, string citizen) =>
        Own(field, value, code, thread, who => IsOfMunicipality(who, code)
            || (company.Length > 0 && who.Kind == OrganisationKind.SwCompany && who.OrganisationId == company)
            || (citizen.Length > 0 && who.OrganisationId == Pseudonym(citizen)));

    private void OwnAdvice(string value, string code, string thread, string citizen, bool isHidden) =>
        Own("advice_request_id", value, code, thread, who =>
            (isHidden ? KnowHidden.Contains(who.Actor) : IsOfMunicipality(who, code)) || (citizen.Length > 0 && who.OrganisationId == Pseudonym(citizen)));

    private void OwnPerson(Person person, string code, string thread, string citizen)
    {
        foreach (var text in new[] { person.Bsn, person.Name })
        {
            Own("person", text, code, thread, who =>
                (who.Kind is OrganisationKind.Municipality && who.Municipalities.Contains(code)) || who.Kind == OrganisationKind.Uwv
                || who.Actor == "service:municipalities" || (citizen.Length > 0 && who.OrganisationId == Pseudonym(citizen)));
        }
    }

    /// <summary>A new request_id that somebody uses.</summary>
    private string Used(string actor)
    {
        var id = NewId();
        Own("request_id", id, "", id, who => who.Actor == actor);
        return id;
    }

    private void Own(string field, string value, string code, string thread, Func<Who, bool> isKnownTo) =>
        Owned.Add(new Owned(field, value, code, thread, isKnownTo));
}
