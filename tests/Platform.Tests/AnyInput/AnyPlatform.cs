using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using OrganisationKind = BeschutWerk.Contracts.Backbone.OrganisationKind;

namespace BeschutWerk.Platform.Tests.AnyInput;

/// <summary>The small country with cases in every state, and what all stores have noted of calls since it was last asked.</summary>
public sealed class AnyPlatform : MunicipalityPlatform
{
    private StoredCalls? _stored;

    private static readonly ClientRegistration Mandated =
        new("gemeente-any", IdentityKind.Municipality, Amsterdam, "Amsterdam", [Amsterdam, Utrecht]);

    internal KnownValues Known { get; } = new();

    protected override async Task PopulateAsync()
    {
        await base.PopulateAsync();
        Known.Add("company_id", Company);
        Known.Learn(await new FigureService.FigureServiceClient(Ministry()).ListFiguresAsync(new ListFiguresRequest()));
        for (var i = 0; i < 3; i++)
        {
            Known.Add("case_id", await OpenedAsync());
            var (caseId, requestId) = await AdvisedAsync();
            Known.Add("case_id", caseId);
            Known.Add("advice_request_id", requestId);
            Known.Add("case_id", await DeterminedAsync());
            var (offered, offerId) = await OfferedAsync();
            Known.Add("case_id", offered);
            Known.Add("offer_id", offerId);
            var (placed, placedOffer, placementId) = await PlacedAsync();
            Known.Add("case_id", placed);
            Known.Add("offer_id", placedOffer);
            Known.Add("placement_id", placementId);
            Known.Learn(await Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = placed }));
            Known.Learn(await new PracticeService.PracticeServiceClient(Cedris()).SubmitPracticeAsync(new SubmitPracticeRequest
            {
                RequestId = NewId(), Kind = PracticeKind.Practice, Theme = PracticeTheme.Finding, SubmittedOn = On(1, 1),
                Title = "Titel", Summary = "Kort.", Body = "Lang.",
            }));
        }
    }

    /// <summary>Calls as one of the callers of an RPC.</summary>
    public CallInvoker As(OrganisationKind kind, IReadOnlyList<string> services, Random random) => kind switch
    {
        OrganisationKind.Municipality => As(Mandated),
        OrganisationKind.Uwv => Uwv(),
        OrganisationKind.SwCompany => SwCompany(Company),
        OrganisationKind.Cedris => Cedris(),
        OrganisationKind.Ministry => Ministry(),
        OrganisationKind.Operator => Operator(),
        // One of those whom the requests name.
        OrganisationKind.Citizen => Citizen("burger", Amsterdam, "123456782"),
        OrganisationKind.Service => Service(services[random.Next(services.Count)]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    /// <summary>What one RPC suspended is there for the others.</summary>
    public async Task ResumeAllAsync()
    {
        var tenants = await Tenants.ListTenantsAsync(new ListTenantsRequest());
        foreach (var tenant in tenants.Tenants.Where(tenant => tenant.State == TenantState.Suspended))
        {
            await Tenants.ResumeTenantAsync(new ResumeTenantRequest
            {
                Municipality = tenant.Municipality, RequestId = NewId(), ResumedOn = DateOnly.FromDateTime(DateTime.UtcNow).ToDate(),
            });
        }
    }

    /// <summary>Trace ids of the events, and ids of the calls, that were stored anywhere since this was last asked.</summary>
    internal async Task<HashSet<string>> StoredAsync()
    {
        await App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        return await (_stored ??= new StoredCalls(Options.DataFolder)).SinceAsync(TestContext.Current.CancellationToken);
    }
}
