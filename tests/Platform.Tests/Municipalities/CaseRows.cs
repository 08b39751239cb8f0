using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.SwCompanies;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What stands in the store of one case, and what its facts say.</summary>
internal static class CaseRows
{
    /// <summary>A case without what is its own alone: its ids and when it was recorded.</summary>
    public sealed record Told(string State, string Standings, string Freed, string Discrepancies)
    {
        public override string ToString() => $"{State}\n  standings {Standings}\n  freed {Freed}\n  discrepancies {Discrepancies}";
    }

    /// <summary>
    /// Computes a case again from all its facts, and holds against it what stands in its rows: as it was written piece by piece, by
    /// whatever way.
    /// </summary>
    public static Task<Told> OfAsync(MunicipalityPlatform platform, string caseId) => WriteAsync(platform, session =>
    {
        var today = session.Today;
        var record = session.Record(caseId);
        var stored = Standings(record.Row.CaseId, session);
        Assert.Equal(CaseStandings.Of(record.History, today).OrderBy(Order), stored.OrderBy(Order));
        Assert.Empty(CaseConsequences.Of(record.History, today));
        Assert.Null(CaseConsequences.NewDuty(record.History, null, today.AddDays(1), today));

        var (row, version) = (record.Row, record.Row.Version);
        var frontier = (row.FrontierOn, row.WorksUntil, row.TurnsOn);
        row.Become(record.History, record.History.Course.Contradictions, today);
        Assert.Equal(version, row.Version);
        Assert.Equal((row.FrontierOn, row.WorksUntil, row.TurnsOn), frontier);
        foreach (var offer in record.History.At(today).Offers) Assert.Equal(offer.State, session.Store.FindOffer(offer.OfferId)!.State);

        return new Told(
            $"{row.State} {row.DroppedOutOn} {row.DutyOpen} {string.Join(',', record.History.At(today).Offers.Select(offer => offer.State))}",
            string.Join(" | ", stored.Select(standing => $"{standing.FromOn:yyMMdd}-{standing.LastDay:yyMMdd} {standing.Kind} {standing.Minutes}").Order(StringComparer.Ordinal)),
            string.Join(',', record.History.Course.Offers.Select(offer => offer.FreedFrom)),
            string.Join(',', row.Contradictions.Select(found => found.Kind).Order()));
    });

    /// <summary>Raises facts of sw-companies in their own log, past their rules: they may come from their past.</summary>
    public static Task TellAsync(MunicipalityPlatform platform, IEnumerable<IMessage> facts) =>
        platform.App.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>().TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("test")),
            session =>
            {
                foreach (var fact in facts) session.Raise(fact, NewId());
                return true;
            });

    /// <summary>The municipality has noted what a call asks, and calls UWV.</summary>
    public static Task AskingAsync(MunicipalityPlatform platform, string requestId) =>
        MunicipalityPlatform.Eventually(() => IsAskingAsync(platform, requestId), "it asks");

    /// <summary>Whether what a call of Amsterdam asks is kept, by this version or an earlier one.</summary>
    public static Task<bool> IsAskingAsync(MunicipalityPlatform platform, string requestId) =>
        WriteAsync(platform, session => new[] { Own.IdFor(Ids.Parse(requestId), "asked"), Ids.Parse(requestId) }
            .Any(id => AskedRequests.Find(id, session) is not null));

    public static Task<T> WriteAsync<T>(MunicipalityPlatform platform, Func<WriteSession<MunicipalityStore>, T> write) =>
        platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>().TenantStores.Get(TenantId.Parse(Amsterdam))
            .WriteAsync(WriteInfo.Capture(Caller.OfService("test")), write);

    private static Caller Own { get; } = new(OrganisationKind.Municipality, Amsterdam, new HashSet<string> { Amsterdam });

    private static string Order(Standing standing) => $"{standing.FromOn:yyyyMMdd} {standing.Kind} {standing.PlacementId} {standing.Minutes}";

    private static List<Standing> Standings(Guid caseId, WriteSession<MunicipalityStore> session)
    {
        var row = session.Statement("SELECT kind, minutes, from_on, last_day, offer_id, placement_id FROM standings WHERE case_id = ?1 AND superseded_at IS NULL");
        row.Bind(1, caseId);
        var found = new List<Standing>();
        while (row.Step()) found.Add(new Standing((StandingKind)row.Number(0), (int)row.Number(1), row.Date(2), row.DateOrNull(3), row.IdOrNull(4), row.IdOrNull(5)));
        row.Reset();
        return found;
    }
}
