using System.Collections.Concurrent;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Reference;
using BeschutWerk.Sector.Numbers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>
/// Gives every registered municipality its numbers: decisions read only the tenant store. Compares what was given with what
/// should be, so that it can stop anywhere and go on; runs at start, after an import and after a registration, and every hour
/// for successions that begin.
/// </summary>
public sealed class QuotaApplication(
    ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime, Division division, ILogger<QuotaApplication> log) : BackgroundService
{
    /// <summary>Stores written side by side: their commits wait for the disk, not for each other.</summary>
    private const int AtOnce = 32;
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);
    private static readonly TimeSpan RestWhileBehind = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(5);

    private static readonly Caller Self = Caller.OfService("municipalities");

    // One run at a time: a run that looked earlier must not write over what a later one found.
#pragma warning disable CA2213 // A run may outlive Dispose, when the host fails to start; nobody uses the wait handle that there would be to free.
    private readonly SemaphoreSlim _oneRun = new(1);
#pragma warning restore CA2213

    private readonly ConcurrentDictionary<(Guid RegulationId, string Code), byte> _warned = new();

    /// <summary>
    /// Gives every municipality what it lacks; done when this completes. One whose store takes nothing now gets it by a later run,
    /// and keeps no other from theirs.
    /// </summary>
    /// <returns>Codes of the municipalities that did not get theirs.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancel)
    {
        await _oneRun.WaitAsync(cancel);
        try
        {
            var due = runtime.PlatformStore.Read(Self, Due, cancel);
            var failed = await Round.OfAsync(
                due, AtOnce, work => runtime.TenantStores.Get(TenantId.Parse(work.Number.Code)).WriteAsync(Info(cancel), session => Apply(work, session)), cancel);
            var done = due.Except(failed.Select(work => work.Item)).ToList();
            if (done.Count > 0) await runtime.PlatformStore.WriteAsync(Info(cancel), session => Note(done, session));
            var behind = failed.Select(work => work.Item.Number.Code).Distinct().Order(StringComparer.Ordinal).ToList();
            if (behind.Count > 0)
            {
                log.LogError(
                    "{Municipalities} could not be given their numbers; they get them when their stores take them. The first fault: {Fault}",
                    string.Join(", ", behind), FaultText.Of(failed[0].Fault));
            }

            return behind;
        }
        finally
        {
            _oneRun.Release();
        }
    }

    /// <summary>Completes the answer of an import: who has a number of it by now, and for whom each row counts.</summary>
    public void Account(ImportQuotaRegulationResponse response) => runtime.PlatformStore.Read(Self, session =>
    {
        var regulationId = Ids.Parse(response.RegulationId);
        var counted = Allotments(session).Of(session.Store.Regulations.First(row => row.RegulationId == regulationId)).ToList();
        response.Applied = session.Store.AppliedNumbers.Count(row => row.RegulationId == regulationId);
        response.Counted.Add(counted.Select(part => new CountedNumber
        {
            Municipality = part.Row.Code,
            CountsFor = part.CountsFor,
            Number = part.Number,
            Registered = part.IsRegistered,
        }));
        response.PlacesGiven = counted.Where(part => part.IsRegistered).Sum(part => part.Number);
        response.PlacesNotRegistered = counted.Where(part => !part.IsRegistered).Sum(part => part.Number);
        return response;
    });

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Rest;
            try
            {
                if ((await RunAsync(stoppingToken)).Count > 0) rest = RestWhileBehind;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The next start goes on where this one was stopped.
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError("Numbers of regulations could not be looked at; next try in {Rest}: {Fault}", RestAfterFailure, FaultText.Of(error));
                rest = RestAfterFailure;
            }

            await Task.Delay(rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static WriteInfo Info(CancellationToken cancel) => WriteInfo.Capture(Self, cancel: cancel);

    /// <param name="Regulation">The regulation.</param>
    /// <param name="Number">What of it counts for the municipality now.</param>
    /// <param name="TellAgain">Whether it is told although it is what was told before.</param>
    private sealed record Work(Regulation Regulation, PublishedNumber Number, bool TellAgain);

    private Allotments Allotments(ReadSession<MunicipalitiesStore> session) => new(session.Store, division, runtime.Clock.Today());

    private List<Work> Due(ReadSession<MunicipalitiesStore> session)
    {
        var allotments = Allotments(session);
        var given = session.Store.AppliedNumbers.ToLookup(row => row.RegulationId);
        var due = new List<Work>();
        var regulations = session.Store.Regulations.ToList();
        foreach (var regulation in regulations)
        {
            var parts = allotments.Of(regulation).ToList();
            // One that does not hold when it takes effect holds on no day: the publication was imported again, or replaced.
            var holds = NumberRule.HoldingOn(regulations, found => found.Publication, regulation.EffectiveFrom) == regulation;
            foreach (var part in parts.Where(part => holds && part.IsUndivided && part.Number > 0)) Warn(regulation, part);

            var had = given[regulation.RegulationId].ToDictionary(row => row.Code);
            var has = Allotment.OfTenants(parts);
            // What counts for another one from now on no longer counts here: each place counts once.
            foreach (var (code, row) in had) has.TryAdd(code, new PublishedNumber(code, 0, row.Origin));
            foreach (var number in has.Values)
            {
                var row = had.GetValueOrDefault(number.Code);
                var isTold = row is { PublicationTold: true };
                if (isTold && (row!.Number, row.Origin) == (number.Number, number.Origin)) continue;
                due.Add(new Work(regulation, number, TellAgain: row is not null && !isTold));
            }
        }

        return due;
    }

    /// <summary>Once per process: it stays so until somebody imports the publication with its shares.</summary>
    private void Warn(Regulation regulation, Allotted part)
    {
        if (!_warned.TryAdd((regulation.RegulationId, part.Row.Code), 0)) return;
        log.LogWarning(
            "{Number} of the regulation {Regulation} count for nobody: {Municipality} was split, and nobody said how its number is "
                + "divided. Import the publication again with split_shares.",
            part.Number, regulation.RegulationId, part.Row.Code);
    }

    private static bool Apply(Work work, WriteSession<MunicipalityStore> session)
    {
        var (regulation, number) = (work.Regulation, work.Number);
        var latest = session.Store.Quotas.Where(row => row.RegulationId == regulation.RegulationId).OrderBy(row => row.QuotaId).LastOrDefault();
        // Given before, by a run that died before it could note it.
        var isGiven = latest is not null && (latest.Number, latest.Origin) == (number.Number, number.Origin);
        if (isGiven && !work.TellAgain) return false;

        if (!isGiven)
        {
            session.Store.Quotas.Add(new AppliedQuota
            {
                RegulationId = regulation.RegulationId,
                Year = regulation.Year,
                Number = number.Number,
                CountingUnit = regulation.CountingUnit,
                Origin = number.Origin,
                PublishedOn = regulation.PublishedOn,
                EffectiveFrom = regulation.EffectiveFrom,
                Source = regulation.Source,
                RecordedAt = session.Now,
            });
            session.Flush();
            PlacesGivenAway.LookAgain(session);
        }

        session.Raise(new QuotaPublished
        {
            Year = regulation.Year,
            Number = number.Number,
            CountingUnit = regulation.CountingUnit,
            Origin = number.Origin,
            EffectiveFrom = regulation.EffectiveFrom.ToDate(),
            Source = regulation.Source,
            PublishedOn = regulation.PublishedOn.ToDate(),
            RegulationId = regulation.RegulationId.Text(),
        }, $"{regulation.Year}");
        return true;
    }

    private static bool Note(List<Work> done, WriteSession<MunicipalitiesStore> session)
    {
        foreach (var (regulation, number, _) in done)
        {
            if (session.Store.AppliedNumbers.Find(regulation.RegulationId, number.Code) is { } row)
            {
                (row.Number, row.Origin, row.PublicationTold) = (number.Number, number.Origin, true);
            }
            else
            {
                session.Store.AppliedNumbers.Add(new AppliedNumber
                {
                    RegulationId = regulation.RegulationId,
                    Code = number.Code,
                    Number = number.Number,
                    Origin = number.Origin,
                    PublicationTold = true,
                });
            }
        }

        return true;
    }
}
