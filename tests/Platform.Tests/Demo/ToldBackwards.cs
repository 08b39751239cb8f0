using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Insight.FromSwCompanies;
using BeschutWerk.Insight.FromUwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Demo;

/// <summary>
/// The demo's history told backwards: each case quarter by quarter the other way round, as far as the rules allow (acts of one day
/// keep their order, and no quarter comes before the one it rests on), and Insight's facts from the last to the first.
/// </summary>
internal sealed class ToldBackwards : PlatformFixture
{
    private static readonly DateOnly End = new(2018, 3, 31);

    public ToldBackwards(string data) => Options = new(data);

    private IEnumerable<TenantId> Tenants => App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>().Tenants.All;

    /// <returns>How many cases were computed both ways.</returns>
    public async Task<int> CasesAsync()
    {
        var runtime = App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();
        var cases = 0;
        foreach (var tenant in Tenants)
        {
            var store = runtime.TenantStores.Get(tenant);
            if (!runtime.Feed(tenant).Exists) continue;
            cases += await store.WriteAsync(WriteInfo.Capture(Caller.OfService("test")), session =>
            {
                var rows = session.Store.Cases.Select(row => row.CaseId).ToList();
                foreach (var id in rows) Same(CaseRecord.Of(session, session.Store.FindCase(id)!).History);
                return rows.Count;
            });
        }

        return cases;
    }

    /// <returns>The published figures beside what Insight computes from the facts that it heard from the last to the first.</returns>
    public async Task<CompareWithPublishedResponse> FiguresAsync()
    {
        var insight = App.Services.GetRequiredService<ServiceRuntime<NoTenantStore, InsightStore>>();
        var events = Tenants.SelectMany(tenant => new[] { "uwv", "municipalities", "swcompanies" }.SelectMany(service => Log(service, tenant))).ToList();
        events.Reverse();
        await insight.PlatformStore.WriteAsync(WriteInfo.Capture(Caller.OfService("test")), session =>
        {
            foreach (var table in new[] { "advice_requests", "cases", "placements", "placement_changes" }) session.Command($"DELETE FROM {table}").ExecuteNonQuery();
            foreach (var received in events) Hear(received, session);
            return true;
        });
        return await new FigureService.FigureServiceClient(Ministry()).CompareWithPublishedAsync(new CompareWithPublishedRequest());
    }

    private static void Same(CaseHistory told)
    {
        var quarters = told.Facts.GroupBy(fact => Quarter(fact.Day)).OrderBy(quarter => quarter.Key);
        var backwards = quarters.SelectMany(quarter => quarter.OrderByDescending(fact => fact.Day).ThenBy(fact => fact.Position));
        var other = CaseHistory.Of(told.Identity, backwards.Select((fact, i) => fact with { Position = i + 1 }));
        Assert.Equal(Text(told.At(End)), Text(other.At(End)));
        Assert.Equal(CaseStandings.Of(told, End), CaseStandings.Of(other, End));
        Assert.Equal(told.Course.Contradictions, other.Course.Contradictions);
    }

    private static int Quarter(DateOnly? day) => day is { } on ? (on.Year * 4) + ((on.Month - 1) / 3) : 0;

    private static string Text(CaseView view) =>
        $"{view.State} {view.Verdict} {view.Determination} {view.DeterminedOn} {view.DroppedOutOn} {view.WorksUntil} {string.Join(';', view.Offers)}";

    private IEnumerable<ReceivedEvent> Log(string service, TenantId tenant)
    {
        var feed = App.Services.GetRequiredService<ServiceRuntimes>().Find(service)!.Feed(tenant);
        var after = 0L;
        while (feed.Exists && feed.ReadOwnAfter(after, 1000) is { Count: > 0 } page)
        {
            after = page[^1].Event.Sequence;
            foreach (var logged in page) yield return new ReceivedEvent(new SourceKey(service, tenant), logged.Event, 0);
        }
    }

    private static void Hear(ReceivedEvent received, WriteSession<InsightStore> session)
    {
        switch (EventTypes.Find(EventTypes.NameOf(received.Type)!)!.Parse(received.Event.Data.Value))
        {
            case AdviceRequested e: AdviceReactions.Requested(e, received, session); break;
            case AdviceIssued e: AdviceReactions.Issued(e, received, session); break;
            case AdviceWithdrawn e: AdviceReactions.Withdrawn(e, received, session); break;
            case CaseOpened e: CaseReactions.Opened(e, received, session); break;
            case CaseDetermined e: CaseReactions.Determined(e, received, session); break;
            case PlacementsReported e: PlacementReactions.Reported(e, received, session); break;
            case PlacementAmended e: PlacementReactions.Amended(e, received, session); break;
            case PlacementEnded e: PlacementReactions.Ended(e, received, session); break;
            case PlacementEndCorrected e: PlacementReactions.EndCorrected(e, received, session); break;
        }
    }
}
