using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.Placements;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.SwCompanies.NationalHours;

using CallScope = CallScope<SwCompanyStore, SwCompaniesPlatformStore>;

/// <summary>What a person works in other municipalities: asked before a placement is stored or changed, outside its transaction.</summary>
internal sealed class HoursOfPersons(
    ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore> runtime, LinkedCases linked, RunningChanges running)
{
    /// <summary>For a call that changes a placement.</summary>
    public static Task<HoursElsewhere> OfAmendedAsync(AmendPlacementRequest request, CallScope scope) =>
        OfPlacementAsync(request.PlacementId, scope);

    /// <summary>For a call that ends a placement: an excess may be over.</summary>
    public static Task<HoursElsewhere> OfEndedAsync(EndPlacementRequest request, CallScope scope) =>
        OfPlacementAsync(request.PlacementId, scope);

    /// <summary>For a call that changes the end of a placement, and so may make it longer.</summary>
    public static Task<HoursElsewhere> OfCorrectedAsync(CorrectPlacementEndRequest request, CallScope scope) =>
        OfPlacementAsync(request.PlacementId, scope);

    /// <summary>For a call that reports placements of these cases.</summary>
    public static ValueTask<HoursElsewhere> OfReportedAsync(IEnumerable<PlacementEntry> entries, CallScope scope)
    {
        var hours = scope.Services.GetRequiredService<HoursOfPersons>();
        // Nearly always: no case is looked at.
        return hours.NobodyIsLinked
            ? ValueTask.FromResult(HoursElsewhere.None)
            : hours.OfCasesAsync(entries.Select(entry => entry.CaseId), scope);
    }

    private static async Task<HoursElsewhere> OfPlacementAsync(string placementId, CallScope scope)
    {
        var hours = scope.Services.GetRequiredService<HoursOfPersons>();
        if (hours.NobodyIsLinked) return HoursElsewhere.None;
        var id = Ids.Parse(placementId);
        var cases = await scope.ReadAsync(session =>
            PlacementAccess.Known(session.Store, id, session.Caller).Select(placement => placement.CaseId).ToList());
        return await hours.OfCasesAsync(cases, scope);
    }

    private bool NobodyIsLinked => linked.Known(runtime.PlatformStore).Others.Count == 0;

    private async ValueTask<HoursElsewhere> OfCasesAsync(IEnumerable<Guid> caseIds, CallScope scope)
    {
        var known = linked.Known(runtime.PlatformStore);
        var cases = caseIds.Select(id => known.Joined.GetValueOrDefault(id, id)).Where(known.Others.ContainsKey).Distinct().ToList();
        if (cases.Count == 0) return HoursElsewhere.None;

        // Before the rows are stored: the check must not look at them before the change.
        var change = running.Begin(cases);
        try
        {
            // Durable before the change: if the process dies after it, the next start looks at the hours.
            await scope.WritePlatformAsync(session => LinkRows.AddChecks(session, change.Checks));
            return new HoursElsewhere(await OfAsync(known, cases, scope), change);
        }
        catch
        {
            // Also when the call is cancelled: its rows may be stored.
            change.Dispose();
            throw;
        }
    }

    private static async Task<Dictionary<Guid, List<Stretch>>> OfAsync(KnownCases known, List<Guid> cases, CallScope scope)
    {
        var hours = new Dictionary<Guid, List<Stretch>>();
        try
        {
            foreach (var caseId in cases) hours.Add(caseId, await OfAsync(known.Others[caseId], scope));
            return hours;
        }
        catch (RefusalException)
        {
            // The store of another municipality is out of service, which is no reason to refuse this one: its hours are looked
            // at when it is back.
            return [];
        }
    }

    private static async Task<List<Stretch>> OfAsync(LinkedCase[] cases, CallScope scope)
    {
        var hours = new List<Stretch>();
        foreach (var other in cases)
        {
            hours.AddRange(await scope.ReadAsync(TenantId.Parse(other.Municipality), session =>
                PlacementsOf(session, other.CaseId).SelectMany(placement => placement.Record.Stretches()).ToList()));
        }

        return hours;
    }

    /// <summary>The placements of a case, by all of its ids.</summary>
    public static List<(Guid PlacementId, PlacementRecord Record)> PlacementsOf(ReadSession<SwCompanyStore> session, params Guid[] caseIds) =>
        [.. session.Store.Placements.Where(placement => caseIds.Contains(placement.CaseId)).ToList()
            .Select(placement => (placement.PlacementId, PlacementAccess.HistoryOf(session.Store, placement).Record))];
}
