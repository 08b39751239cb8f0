using System.Collections.Concurrent;
using System.Threading.Channels;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Tells UWV who a case is about, after a correction and after a request that may have been asked for the person of before. A call
/// tells it before it is answered; in the background it is told whatever a call that died left, at start and until UWV answers.
/// </summary>
public sealed class TellingUwv(
    ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime, PlatformClients clients, ILogger<TellingUwv> log) : BackgroundService
{
    /// <summary>Requests in one call, as the contract allows.</summary>
    private const int AtOnce = 100;

    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);
    private static readonly Caller Self = Caller.OfService("municipalities");

    // One call of a municipality at a time: one that read an earlier record must not arrive after one that read a later one.
    private readonly ConcurrentDictionary<TenantId, SemaphoreSlim> _turns = new();

    private readonly Channel<TenantId> _wanted = Channel.CreateUnbounded<TenantId>();

    /// <summary>UWV must be told who a case is about; it is, once this write is committed.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="position">In events: why.</param>
    /// <param name="session">The write that makes it due.</param>
    public void IsDue(Guid caseId, long position, WriteSession<MunicipalityStore> session)
    {
        CorrectionsDue.Add(caseId, position, session);
        var municipality = session.Tenant;
        session.AfterCommit(() => _wanted.Writer.TryWrite(municipality));
    }

    /// <summary>Tells UWV who the case is about now.</summary>
    /// <returns>Whether the person has another running request.</returns>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: it is told later.</exception>
    public async Task<bool> TellAsync(TenantId municipality, Guid caseId, CancellationToken cancel)
    {
        try
        {
            return await TellInTurnAsync(municipality, caseId, cancel);
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "UWV cannot correct the person now; it is told when it answers.").ToException();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody waits for it at start.
        await Task.Yield();
        var due = runtime.Tenants.All.ToDictionary(municipality => municipality, _ => new Turn(Now, ShortestRest));
        var news = _wanted.Reader.WaitToReadAsync(stoppingToken).AsTask();
        try
        {
            while (true)
            {
                foreach (var municipality in due.Where(one => one.Value.At <= Now).Select(one => one.Key).ToList())
                {
                    if (await TryAsync(municipality, stoppingToken)) Told(municipality, due);
                    else due[municipality] = due[municipality].Later(Now);
                }

                await Task.WhenAny(news, due.Count == 0 ? news : RestAsync(due.Values.Min(turn => turn.At), stoppingToken));
                stoppingToken.ThrowIfCancellationRequested();
                if (!news.IsCompleted) continue;
                while (_wanted.Reader.TryRead(out var more)) due[more] = new Turn(Now, ShortestRest);
                news = _wanted.Reader.WaitToReadAsync(stoppingToken).AsTask();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on where this one was stopped.
        }
    }

    private DateTimeOffset Now => runtime.Clock.GetUtcNow();

    private void Told(TenantId municipality, Dictionary<TenantId, Turn> due)
    {
        due.Remove(municipality, out var turn);
        if (turn.Rest == ShortestRest) return;
        // It had failed, so perhaps UWV answers again: nobody else waits for the end of a rest.
        foreach (var other in due.Keys.ToList()) due[other] = due[other] with { At = Now };
    }

    private Task RestAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var rest = until - Now;
        return Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, runtime.Clock, cancel);
    }

    private async Task<bool> TryAsync(TenantId municipality, CancellationToken cancel)
    {
        try
        {
            if (!runtime.Feed(municipality).Exists) return true;
            var all = true;
            var due = runtime.TenantStores.Get(municipality).Read(Self, CorrectionsDue.All, cancel);
            foreach (var caseId in due) all &= await TryCaseAsync(municipality, caseId, cancel);
            return all;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            log.LogError(
                "It could not be read what UWV must be told of {Municipality}; it is tried again: {Fault}", municipality, FaultText.Of(error));
            return false;
        }
    }

    private async Task<bool> TryCaseAsync(TenantId municipality, Guid caseId, CancellationToken cancel)
    {
        try
        {
            await TellInTurnAsync(municipality, caseId, cancel);
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            log.LogError(
                "UWV could not be told who case {CaseId} is about; it is tried again: {Fault}", caseId, FaultText.Of(error));
            return false;
        }
    }

    private async Task<bool> TellInTurnAsync(TenantId municipality, Guid caseId, CancellationToken cancel)
    {
        var turn = _turns.GetOrAdd(municipality, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancel);
        try
        {
            var store = runtime.TenantStores.Get(municipality);
            var (due, calls) = store.Read(Self, session => Read(caseId, session), cancel);
            var client = clients.Get<AdviceService.AdviceServiceClient>(runtime.Name);
            var otherRunning = false;
            foreach (var call in calls) otherRunning |= await CorrectAsync(client, call, cancel);

            if (due is { } position)
            {
                var info = WriteInfo.Capture(Self, cancel: cancel);
                await store.WriteAsync(info, session => CorrectionsDue.Remove(caseId, position, session));
            }

            return otherRunning;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A request that UWV does not know, such as one that it lost when it was restored, keeps no other from being corrected.</summary>
    private async Task<bool> CorrectAsync(AdviceService.AdviceServiceClient client, CorrectPersonRequest call, CancellationToken cancel)
    {
        try
        {
            return (await client.CorrectPersonAsync(call, cancellationToken: cancel)).OtherRequestRunning;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            if (call.AdviceRequestIds.Count == 1)
            {
                log.LogWarning("UWV does not know the advice request {AdviceRequestId}; nothing is corrected there", call.AdviceRequestIds[0]);
                return false;
            }

            var otherRunning = false;
            foreach (var id in call.AdviceRequestIds)
            {
                var alone = new CorrectPersonRequest(call) { RequestId = Ids.New().Text() };
                alone.AdviceRequestIds.Clear();
                alone.AdviceRequestIds.Add(id);
                otherRunning |= await CorrectAsync(client, alone, cancel);
            }

            return otherRunning;
        }
    }

    private static (long? Due, List<CorrectPersonRequest> Calls) Read(Guid caseId, ReadSession<MunicipalityStore> session)
    {
        var due = CorrectionsDue.PositionOf(caseId, session);
        if (session.FindCase(caseId) is not { } row) return (due, []);
        var facts = CaseFacts.Of(session.Statement, row.CaseId);
        var (person, day) = (session.Persons.Get(row.PersonId), CorrectionsDue.DayOf(facts, session.Today).ToDate());
        // What UWV knows already raises nothing there, so every call may have a key of its own.
        return (due, CorrectionsDue.RequestsAtUwv(facts).Chunk(AtOnce).Select(ids => new CorrectPersonRequest
        {
            Municipality = session.Tenant.Code,
            RequestId = Ids.New().Text(),
            AdviceRequestIds = { ids },
            Person = person,
            CorrectedOn = day,
        }).ToList());
    }

    /// <summary>When a municipality is looked at next, and how long it rests when that fails.</summary>
    private readonly record struct Turn(DateTimeOffset At, TimeSpan Rest)
    {
        public Turn Later(DateTimeOffset now) => new(now + Rest, Rest * 2 < LongestRest ? Rest * 2 : LongestRest);
    }
}
