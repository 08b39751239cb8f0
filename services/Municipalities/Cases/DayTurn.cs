using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Writes and tells what time alone has changed: a placement whose last day has passed, the place that is free then and the duty
/// that it leaves. At each turn of the day in Europe/Amsterdam, at start for days that passed meanwhile, and before anybody reads
/// a case or the ledger, so that nobody ever sees the day before. A case that cannot be computed stays as it is and keeps no other
/// from its turn.
/// </summary>
public sealed class DayTurn(ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime, Gauges gauges, ILogger<DayTurn> log) : BackgroundService
{
    /// <summary>Cases in one write, so that others get their turn.</summary>
    private const int Step = 100;

    /// <summary>While much comes in that is over already, a reader sees what was true a moment ago rather than waits on.</summary>
    private const int MostTries = 5;

    private static readonly TimeSpan LookAtLeastEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMinutes(1);
    private static readonly Caller Self = Caller.OfService("municipalities");

    private readonly StuckCases _stuck = new(runtime.Clock);

    /// <summary>Reads a store whose cases are brought up to this day: what comes in between that is over already is brought up too.</summary>
    public async Task<TResponse> Read<TRequest, TResponse>(
        Calls<MunicipalityStore, MunicipalitiesStore> calls, TRequest request, ServerCallContext context,
        Func<TRequest, ReadSession<MunicipalityStore>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class
    {
        for (var tries = 1; ; tries++)
        {
            var last = tries == MostTries;
            var answer = await calls.Read(
                request, context, scope => RunAsync(scope.Municipality, scope.Cancel), (r, session) => !last && IsDue(session) ? null : run(r, session), across);
            if (answer is not null) return answer;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        gauges.Add("beschutwerk.cases.stuck", "{case}", "Cases that cannot be brought to this day.", () => [("municipalities", _stuck.Count)]);
        // Nobody waits for it at start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var day = runtime.Clock.Today();
            // One store after the other: a store that is out of service keeps no other from its turn.
            var behind = new List<TenantId>();
            foreach (var tenant in runtime.Tenants.All)
            {
                if (stoppingToken.IsCancellationRequested) return;
                if (!await TryAsync(tenant, stoppingToken)) behind.Add(tenant);
            }

            while (runtime.Clock.Today() == day && !stoppingToken.IsCancellationRequested)
            {
                await RestAsync(behind.Count > 0 ? RestAfterFailure : LookAtLeastEvery, stoppingToken);
                for (var i = behind.Count - 1; i >= 0; i--)
                {
                    if (await TryAsync(behind[i], stoppingToken)) behind.RemoveAt(i);
                }
            }
        }
    }

    private async Task<bool> TryAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            if (runtime.Feed(tenant).Exists) await RunAsync(tenant, cancel);
            return true;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The next start looks again.
            return true;
        }
        catch (Exception error)
        {
            log.LogError("The cases of {Municipality} could not be brought to this day; again in {Rest}: {Fault}", tenant, RestAfterFailure, FaultText.Of(error));
            return false;
        }
    }

    private async Task RunAsync(TenantId tenant, CancellationToken cancel)
    {
        var store = runtime.TenantStores.Get(tenant);
        while (store.Read(Self, session => Due(session, Step), cancel) is { Count: > 0 } due)
        {
            try
            {
                await store.WriteAsync(WriteInfo.Capture(Self, cancel: cancel), session => Turn(session, due));
                foreach (var caseId in due) _stuck.Release(tenant, caseId);
            }
            catch (Exception error) when (StuckCases.IsOfCase(error))
            {
                await TurnEachAsync(store, tenant, due, cancel);
            }

            if (due.Count < Step) return;
        }
    }

    /// <summary>One of them cannot be computed: each in a write of its own, so that the others have their turn.</summary>
    private async Task TurnEachAsync(StoreHandle<MunicipalityStore> store, TenantId tenant, List<Guid> due, CancellationToken cancel)
    {
        foreach (var caseId in due)
        {
            try
            {
                await store.WriteAsync(WriteInfo.Capture(Self, cancel: cancel), session => Turn(session, [caseId]));
                _stuck.Release(tenant, caseId);
            }
            catch (Exception error) when (StuckCases.IsOfCase(error))
            {
                if (!_stuck.Add(tenant, caseId)) continue;
                log.LogError("The case {CaseId} of {Municipality} cannot be brought to this day and stays as it is: {Fault}", caseId.Text(), tenant, FaultText.Of(error));
            }
        }
    }

    private async Task RestAsync(TimeSpan most, CancellationToken cancel)
    {
        var untilMidnight = runtime.Clock.UntilMidnight();
        await Task.Delay(untilMidnight < most ? untilMidnight : most, runtime.Clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool IsDue(ReadSession<MunicipalityStore> session) => Due(session, 1).Count > 0;

    /// <summary>Cases that have their turn; none that stands still already.</summary>
    private List<Guid> Due(ReadSession<MunicipalityStore> session, int most)
    {
        var due = session.Statement("SELECT case_id FROM cases WHERE turns_on <= ?1");
        due.Bind(1, session.Today);
        var ids = new List<Guid>();
        while (ids.Count < most && due.Step())
        {
            if (!_stuck.Has(session.Tenant, due.Id(0))) ids.Add(due.Id(0));
        }

        due.Reset();
        return ids;
    }

    private static int Turn(WriteSession<MunicipalityStore> session, List<Guid> due)
    {
        // Somebody else may have brought it to this day meanwhile, or joined it to another.
        foreach (var id in due)
        {
            if (session.Store.FindCase(id) is { } supportCase) session.UpToDate(supportCase);
        }

        return due.Count;
    }
}
