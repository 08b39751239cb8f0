using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;
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
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(5);

    private static readonly Caller Self = Caller.OfService("municipalities");

    // One run at a time: a run that looked earlier must not write over what a later one found.
#pragma warning disable CA2213 // A run may outlive Dispose, when the host fails to start; nobody uses the wait handle that there would be to free.
    private readonly SemaphoreSlim _oneRun = new(1);
#pragma warning restore CA2213

    /// <summary>Gives every municipality what it lacks; done when this completes.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await _oneRun.WaitAsync(cancel);
        try
        {
            var due = runtime.PlatformStore.Read(Self, Due);
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (work, _) =>
                await runtime.TenantStores.Get(TenantId.Parse(work.Number.Code)).WriteAsync(Info(cancel), session => Apply(work, session)));
            if (due.Count > 0) await runtime.PlatformStore.WriteAsync(Info(cancel), session => Note(due, session));
        }
        finally
        {
            _oneRun.Release();
        }
    }

    /// <summary>How many municipalities were given their number of a regulation.</summary>
    public int Given(Guid regulationId) =>
        runtime.PlatformStore.Read(Self, session => session.Store.AppliedNumbers.Count(row => row.RegulationId == regulationId));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Rest;
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The next start goes on where this one was stopped.
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError("Numbers of a regulation could not be given to every municipality; next try in {Rest}: {Fault}", RestAfterFailure, FaultText.Of(error));
                rest = RestAfterFailure;
            }

            await Task.Delay(rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static WriteInfo Info(CancellationToken cancel) => WriteInfo.Capture(Self, cancel: cancel);

    private sealed record Work(Regulation Regulation, PublishedNumber Number);

    private List<Work> Due(ReadSession<MunicipalitiesStore> session)
    {
        var tenants = session.Store.Tenants.Select(row => row.Code).ToHashSet();
        var given = session.Store.AppliedNumbers.ToDictionary(row => (row.RegulationId, row.Code), row => (row.Number, row.Origin));
        var published = session.Store.RegulationNumbers.AsEnumerable()
            .ToLookup(row => row.RegulationId, row => new PublishedNumber(row.Code, row.Number, row.Origin));
        var today = runtime.Clock.Today();
        return [.. session.Store.Regulations.AsEnumerable().SelectMany(regulation =>
            RegulationRules.ForTenants(published[regulation.RegulationId], tenants, division, today).Values
                .Where(number => !given.TryGetValue((regulation.RegulationId, number.Code), out var had) || had != (number.Number, number.Origin))
                .Select(number => new Work(regulation, number)))];
    }

    private static bool Apply(Work work, WriteSession<MunicipalityStore> session)
    {
        var (regulation, number) = (work.Regulation, work.Number);
        var latest = session.Store.Quotas.Where(row => row.RegulationId == regulation.RegulationId).OrderBy(row => row.QuotaId).LastOrDefault();
        // Given before, by a run that died before it could note it.
        if (latest is not null && (latest.Number, latest.Origin) == (number.Number, number.Origin)) return false;

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
        session.Raise(new QuotaPublished
        {
            Year = regulation.Year,
            Number = number.Number,
            CountingUnit = regulation.CountingUnit,
            Origin = number.Origin,
            EffectiveFrom = regulation.EffectiveFrom.ToDate(),
            Source = regulation.Source,
        }, $"{regulation.Year}");
        return true;
    }

    private static bool Note(List<Work> done, WriteSession<MunicipalitiesStore> session)
    {
        foreach (var (regulation, number) in done)
        {
            if (session.Store.AppliedNumbers.Find(regulation.RegulationId, number.Code) is { } row)
            {
                (row.Number, row.Origin) = (number.Number, number.Origin);
            }
            else
            {
                session.Store.AppliedNumbers.Add(new AppliedNumber
                {
                    RegulationId = regulation.RegulationId,
                    Code = number.Code,
                    Number = number.Number,
                    Origin = number.Origin,
                });
            }
        }

        return true;
    }
}
