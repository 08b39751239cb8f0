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

    /// <summary>So long a reader waits for what came in since they asked.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private readonly StuckCases _stuck = new(runtime.Clock);
    private readonly SharedRuns<TenantId> _turns = new();

    /// <summary>
    /// Reads a store whose cases are brought up to this day: all that was due when the reader asked, and what comes in between that is
    /// over already as far as there is time. A company that reports such placements without a pause keeps no reader waiting.
    /// </summary>
    public async Task<TResponse> Read<TRequest, TResponse>(
        Calls<MunicipalityStore, MunicipalitiesStore> calls, TRequest request, ServerCallContext context,
        Func<TRequest, ReadSession<MunicipalityStore>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class
    {
        var until = Environment.TickCount64 + (long)LongestLook.TotalMilliseconds;
        for (var tries = 1; ; tries++)
        {
            var last = tries == MostTries || Environment.TickCount64 >= until;
            var answer = await calls.Read(
                request, context, scope => RunAsync(scope.Municipality, scope.Cancel),
                (r, session) => !last && IsDue(session) ? null : run(r, session), across);
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

    /// <summary>Brings up all that is due. Whoever asks for the same municipality meanwhile waits for the same run, or for the next.</summary>
    private async Task RunAsync(TenantId tenant, CancellationToken cancel)
    {
        if (!runtime.TenantStores.Get(tenant).Read(Self, IsDue, cancel)) return;
        await _turns.RunAsync(tenant, () => TurnAllAsync(tenant)).WaitAsync(cancel);
    }

    /// <summary>What becomes due meanwhile is left to the next run: it may never end.</summary>
    private async Task TurnAllAsync(TenantId tenant)
    {
        var store = runtime.TenantStores.Get(tenant);
        foreach (var due in store.Read(Self, session => Due(session, int.MaxValue)).Chunk(Step))
        {
            try
            {
                await store.WriteAsync(WriteInfo.Capture(Self), session => Turn(session, due));
                foreach (var caseId in due) _stuck.Release(tenant, caseId);
            }
            catch (Exception error) when (StuckCases.IsOfCase(error))
            {
                await TurnEachAsync(store, tenant, due);
            }
        }
    }

    /// <summary>One of them cannot be computed: each in a write of its own, so that the others have their turn.</summary>
    private async Task TurnEachAsync(StoreHandle<MunicipalityStore> store, TenantId tenant, Guid[] due)
    {
        foreach (var caseId in due)
        {
            try
            {
                await store.WriteAsync(WriteInfo.Capture(Self), session => Turn(session, [caseId]));
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

    private static int Turn(WriteSession<MunicipalityStore> session, Guid[] due)
    {
        // Somebody else may have brought it to this day meanwhile, or joined it to another.
        foreach (var id in due)
        {
            if (session.Store.FindCase(id) is { } supportCase) session.UpToDate(supportCase);
        }

        return due.Length;
    }
}
