using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.NationalHours;
using Grpc.Core;

namespace BeschutWerk.SwCompanies.Placements;

using CallScope = CallScope<SwCompanyStore, SwCompaniesPlatformStore>;
using Calls = Calls<SwCompanyStore, SwCompaniesPlatformStore>;

/// <summary>
/// Brings reported placements to their store. What a refusal rests on may only not have arrived yet: then Municipalities is
/// asked once for all that wait, outside the transaction, and they are judged again.
/// </summary>
internal static class PlacementIntake
{
    /// <summary>One placement; its id is the request_id.</summary>
    public static async Task<ReportPlacementResponse> ReportAsync(ReportPlacementRequest request, Calls calls, ServerCallContext context)
    {
        var byMunicipality = Calls.Info(context).Caller.Is(OrganisationKind.Municipality);
        var entry = PlacementEntry.Of(request, byMunicipality, calls.Today);
        if (entry.Refusal is null)
        {
            var scope = await calls.AdmitItemAsync(request.Municipality, entry.Id, context);
            await calls.TakeTurnAsync(context, scope.Municipality);
            await StoreAsync([entry], scope, calls, Calls.Info(context));
        }

        if (entry.Refusal is { } refusal) throw refusal.ToException();
        return new ReportPlacementResponse { PlacementId = entry.PlacementId, Version = 1 };
    }

    /// <summary>Stores what may be; notes on each entry what became of it. Completes once all of it is durable.</summary>
    public static async Task StoreAsync(IReadOnlyList<PlacementEntry> entries, CallScope scope, Calls calls, WriteInfo info)
    {
        var store = calls.Store(scope.Municipality);
        try
        {
            using var elsewhere = await HoursOfPersons.OfReportedAsync(entries, scope);
            var someMayBeLate = await store.WriteAsync(info, session => ReportPlacements.Run(entries, elsewhere, knowsAll: false, session), here: entries.Count == 1);
            if (someMayBeLate) await CatchUpAndStoreAsync([.. entries.Where(entry => entry.MayBeLate)], elsewhere, scope, store, info);
        }
        catch (RefusalException refused)
        {
            // Nothing of the operation was stored; a stream goes on with the next municipality.
            Refuse(entries, refused.Refusal);
        }
    }

    private static async Task CatchUpAndStoreAsync(
        List<PlacementEntry> late, HoursElsewhere elsewhere, CallScope scope, StoreHandle<SwCompanyStore> store, WriteInfo info)
    {
        try
        {
            await scope.CatchUpAsync("municipalities");
            await store.WriteAsync(info, session => ReportPlacements.Run(late, elsewhere, knowsAll: true, session));
        }
        catch (RefusalException refused)
        {
            Refuse(late, refused.Refusal);
        }
    }

    private static void Refuse(IEnumerable<PlacementEntry> entries, Refusal refusal)
    {
        foreach (var entry in entries.Where(entry => !entry.IsMalformed)) entry.Refusal = refusal;
    }
}
