using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.SwCompanies;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What all services say of the cases of Amsterdam.</summary>
internal sealed class AllServices(MunicipalityPlatform platform)
{
    private static readonly Caller Reader = Caller.OfService("test");

    /// <summary>Once all have caught up, the rows of each case are what its facts say, and all services say the same of it.</summary>
    public async Task AgreeAsync(IReadOnlyCollection<string> cases)
    {
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        foreach (var service in new[] { "municipalities", "uwv", "swcompanies", "insight" })
        {
            Assert.Empty((await new OperationsService.OperationsServiceClient(platform.Operator()).GetStatusAsync(new GetStatusRequest { Service = service })).Parked);
        }

        foreach (var caseId in cases)
        {
            await CaseRows.OfAsync(platform, caseId);
            // Work that is over already is told when its case is looked at.
            await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
            var (offers, decision, taken, today) = await CaseRows.WriteAsync(platform, session =>
            {
                var history = session.Record(caseId).History;
                return (history.Course.Offers.ToList(), history.Decisions.LastOrDefault(), history.Told<ActTakenBack>()
                    .Where(act => act.Kind == ActKind.Offer).Select(act => Ids.Parse(act.OfferId)).ToHashSet(), session.Today);
            });
            var told = SwOffers(caseId);
            Assert.Equal(offers.Select(offer => offer.OfferId).Order(), told.Keys.Order());
            foreach (var offer in offers)
            {
                var (accepted, freed) = told[offer.OfferId];
                if (offer.FreedFrom is { } from && from <= today) Assert.Equal((offer.OfferId, from), (offer.OfferId, freed));
                if (offer.FreedFrom is null) Assert.Equal((offer.OfferId, DateOnly.MaxValue), (offer.OfferId, freed));
                if (offer.State is OfferState.Accepted or OfferState.Open or OfferState.Refused) Assert.Equal((offer.OfferId, offer.State == OfferState.Accepted), (offer.OfferId, accepted));
            }

            var decided = decision.Data as CaseDetermined;
            Assert.Equal((caseId, decided?.Determination ?? Determination.Unspecified), (caseId, SwDecision(caseId)));
            Assert.Equal((caseId, decided?.Determination ?? Determination.Unspecified, decided?.DeterminedOn?.ToDateOnly()), (caseId, InsightDecision(caseId).Item1, InsightDecision(caseId).Item2));
        }

        var ledger = await platform.LedgerAsync(Amsterdam, DateOnly.FromDateTime(DateTime.UtcNow).ToDate());
        if (ledger.OverMilli == 0)
        {
            foreach (var caseId in cases) Assert.DoesNotContain(DiscrepancyKind.PlaceGivenAway, (await platform.CaseAsync(caseId)).Discrepancies);
        }
    }

    public List<string> Placements(string caseId) => Sw(session =>
    {
        var row = session.Statement("SELECT placement_id FROM placements WHERE case_id = ?1 OR case_id IN (SELECT case_id FROM case_aliases WHERE alias_id = ?1)");
        row.Bind(1, Ids.Parse(caseId));
        var found = new List<string>();
        while (row.Step()) found.Add(row.Id(0).Text());
        row.Reset();
        return found;
    });

    private Dictionary<Guid, (bool Accepted, DateOnly Freed)> SwOffers(string caseId) => Sw(session =>
    {
        var row = session.Statement("SELECT offer_id, accepted, freed_from FROM offers WHERE case_id = ?1");
        row.Bind(1, Ids.Parse(caseId));
        var found = new Dictionary<Guid, (bool, DateOnly)>();
        while (row.Step()) found[row.Id(0)] = (row.Number(1) != 0, row.Date(2));
        row.Reset();
        return found;
    });

    private Determination SwDecision(string caseId) => Sw(session =>
    {
        var row = session.Statement("SELECT determination FROM cases WHERE case_id = ?1");
        row.Bind(1, Ids.Parse(caseId));
        var found = row.Step() ? (Determination)row.Number(0) : Determination.Unspecified;
        row.Reset();
        return found;
    });

    private (Determination, DateOnly?) InsightDecision(string caseId) =>
        platform.App.Services.GetRequiredService<ServiceRuntime<NoTenantStore, InsightStore>>().PlatformStore.Read(Reader, session =>
        {
            var row = session.Statement("""
                SELECT determination, determined_on FROM cases WHERE (case_id = ?1 OR case_id IN
                  (WITH RECURSIVE ids(id) AS (SELECT ?1 UNION SELECT alias_id FROM case_aliases JOIN ids ON case_aliases.case_id = ids.id) SELECT id FROM ids))
                ORDER BY COALESCE(determined_on, 0) DESC, COALESCE(determined_at, 0) DESC LIMIT 1
                """);
            row.Bind(1, Ids.Parse(caseId));
            var found = row.Step() ? ((Determination)row.Number(0), row.DateOrNull(1)) : (Determination.Unspecified, (DateOnly?)null);
            row.Reset();
            return found;
        });

    private T Sw<T>(Func<ReadSession<SwCompanyStore>, T> read) =>
        platform.App.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>().TenantStores.Get(TenantId.Parse(Amsterdam)).Read(Reader, read);
}
