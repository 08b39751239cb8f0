using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>
/// Looks at the hours of persons who work in several municipalities after each change, and tells an excess, and its end, in the
/// log of each municipality. What is to be looked at stands in the platform store until it was: this may stop anywhere and go on.
/// </summary>
internal sealed class HoursCheck(
    ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore> runtime, LinkedCases linked, RunningChanges running, ILogger<HoursCheck> log)
    : BackgroundService
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>Who looks.</summary>
    public static Caller Self { get; } = Caller.OfService("swcompanies");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (await TryCheckAsync(stoppingToken)) await linked.WokenAsync(stoppingToken);
                else await Task.Delay(RestAfterFailure, runtime.Clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on where this one was stopped.
        }
    }

    private async Task<bool> TryCheckAsync(CancellationToken cancel)
    {
        var whole = true;
        try
        {
            var checks = runtime.PlatformStore.Read(Self, LinkRows.Checks, cancel);
            // What a call still changes is left to the look after it: its end wakes this one.
            foreach (var ofCase in checks.Where(check => !running.Has(check.CheckId)).GroupBy(check => check.CaseId, check => check.CheckId))
            {
                whole &= await TryCheckAsync(ofCase.Key, [.. ofCase], cancel);
            }

            return whole;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            // The platform store is out of service, or its disk fails: that must not end the checks.
            log.LogWarning("Hours over several municipalities are looked at in {Rest}: {Fault}", RestAfterFailure, FaultText.Of(error));
            return false;
        }
    }

    /// <summary>One municipality that is out of service does not hold up the persons of others.</summary>
    private async Task<bool> TryCheckAsync(Guid caseId, List<Guid> checks, CancellationToken cancel)
    {
        try
        {
            await CheckAsync(caseId, cancel);
            await runtime.PlatformStore.WriteAsync(WriteInfo.Capture(Self, cancel: cancel), session =>
            {
                LinkRows.RemoveChecks(session, checks);
                return true;
            });
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            log.LogError(
                "The hours of case {Case} could not be looked at; next try in {Rest}: {Fault}", caseId, RestAfterFailure, FaultText.Of(error));
            return false;
        }
    }

    private async Task CheckAsync(Guid caseId, CancellationToken cancel)
    {
        // As the store has it, not as memory had it when the change was decided.
        var (own, others) = runtime.PlatformStore.Read(
            Self, session => (LinkRows.Find(session, caseId), LinkRows.ByCase(session).GetValueOrDefault(caseId)), cancel);
        if (own is not { } known) return;

        LinkedCase[] cases = [.. others ?? [], known];
        var ids = runtime.PlatformStore.Read(
            Self, session => cases.ToDictionary(ofPerson => ofPerson.CaseId, ofPerson => AliasRows.IdsOf(session, ofPerson.CaseId)), cancel);
        var placements = new List<PlacementElsewhere>();
        foreach (var ofPerson in cases)
        {
            var store = await StoreOfAsync(ofPerson, cancel);
            placements.AddRange(store.Read(Self, session => HoursOfPersons.PlacementsOf(session, ids[ofPerson.CaseId]), cancel)
                .Select(placement => new PlacementElsewhere(ofPerson.CaseId, placement.PlacementId, placement.Record)));
        }

        var excesses = Excess.Of(placements).ToLookup(excess => excess.CaseId);
        foreach (var ofPerson in cases)
        {
            var store = await StoreOfAsync(ofPerson, cancel);
            var now = excesses[ofPerson.CaseId].ToHashSet();
            if (now.SetEquals(store.Read(Self, session => ToldExcesses.Of(session.Statement, ofPerson.CaseId), cancel))) continue;
            await store.WriteAsync(WriteInfo.Capture(Self, cancel: cancel), session => ToldExcesses.Tell(now, ofPerson.CaseId, session));
        }
    }

    private async Task<StoreHandle<SwCompanyStore>> StoreOfAsync(LinkedCase linked, CancellationToken cancel)
    {
        var municipality = TenantId.Parse(linked.Municipality);
        await runtime.RequireKnownAsync(municipality, cancel);
        return runtime.TenantStores.Get(municipality);
    }
}
