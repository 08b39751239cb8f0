using System.Threading.Channels;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;

namespace BeschutWerk.SwCompanies.Placements;

using CallScope = CallScope<SwCompanyStore, SwCompaniesPlatformStore>;
using Calls = Calls<SwCompanyStore, SwCompaniesPlatformStore>;

/// <summary>
/// One bulk stream. What has arrived for one municipality becomes one operation; while it commits, the next is read and
/// checked. Answers leave in the order of the items, each after its commit.
/// </summary>
/// <param name="tokens">Tells when the reporter's token ended.</param>
/// <param name="stopping">Cancelled when the server stops: what was read is still stored and answered.</param>
internal sealed class PlacementStream(
    Calls calls, TokenValidator tokens, IAsyncStreamReader<ReportPlacementsRequest> requests, ServerCallContext context,
    CancellationToken stopping)
{
    /// <summary>An operation takes no more requests once it holds this many items: the first must not wait long for the last.</summary>
    private const int EnoughPerOperation = 500;

    /// <summary>Operations between reading and answering: what waits while one commits goes into the next commit together.</summary>
    private const int MostWaiting = 8;

    private readonly WriteInfo _info = Calls.Info(context);
    private readonly Channel<Batch> _stored = Channel.CreateBounded<Batch>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    /// <summary>Runs until the reporter has said all and has all answers.</summary>
    public async Task RunAsync(IServerStreamWriter<ReportPlacementsResponse> answers)
    {
        using var suspension = calls.WatchSuspension(context);
        using var token = tokens.Watch(_info.Caller);
        using var halt = CancellationTokenSource.CreateLinkedTokenSource([context.CancellationToken, stopping, suspension.Suspended, token.Ended]);
        var reading = ReadAsync(suspension, token, halt.Token);
        try
        {
            await foreach (var batch in _stored.Reader.ReadAllAsync(context.CancellationToken))
            {
                await batch.Stored;
                await answers.WriteAsync(Answer(batch.Entries), context.CancellationToken);
            }
        }
        finally
        {
            // Also when answering failed: the reading must not outlive the call.
            await halt.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reading;
    }

    private async Task ReadAsync(SuspensionWatch suspension, TokenWatch token, CancellationToken halt)
    {
        try
        {
            var batch = new Batch(null, []);
            while (true)
            {
                var next = requests.MoveNext(halt);
                if (!next.IsCompleted) batch = await QueueAsync(batch, halt);
                if (!await next) break;
                if (tokens.HasEnded(_info.Caller)) throw TokenEnded();

                var (scope, entries) = await CheckAsync(requests.Current);
                var turn = calls.TakeRowsAsync(context, scope?.Municipality, requests.Current.Items.Count, halt);
                if (!turn.IsCompleted) batch = await QueueAsync(batch, halt);
                await turn;

                if (scope?.Municipality != batch.Scope?.Municipality || batch.Entries.Count >= EnoughPerOperation) batch = await QueueAsync(batch, halt);
                batch = batch with { Scope = scope };
                batch.Entries.AddRange(entries);
            }

            await QueueAsync(batch, halt);
            _stored.Writer.Complete();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            _stored.Writer.Complete(Refusal.Of(ErrorReason.ServerShuttingDown, "The server is stopping; send what was not answered again.").ToException());
        }
        catch (OperationCanceledException) when (token.Ended.IsCancellationRequested)
        {
            _stored.Writer.Complete(TokenEnded());
        }
        catch (OperationCanceledException) when (suspension.Refusal is { } refusal)
        {
            _stored.Writer.Complete(refusal.ToException());
        }
        catch (Exception error)
        {
            _stored.Writer.Complete(error);
        }
    }

    private static RefusalException TokenEnded() => Refusal.Of(ErrorReason.NotAuthenticated, "The access token ended.").ToException();

    /// <summary>Hands a batch to its store and to answering; waits while too many are under way.</summary>
    private async ValueTask<Batch> QueueAsync(Batch batch, CancellationToken halt)
    {
        if (batch.Entries.Count > 0)
        {
            await _stored.Writer.WaitToWriteAsync(halt);
            batch.Stored = batch.Scope is { } scope ? PlacementIntake.StoreAsync(batch.Entries, scope, calls, _info) : Task.CompletedTask;
            await _stored.Writer.WriteAsync(batch, CancellationToken.None);
        }

        return new Batch(null, []);
    }

    private async ValueTask<(CallScope? Scope, IEnumerable<PlacementEntry> Entries)> CheckAsync(ReportPlacementsRequest request)
    {
        var (today, byMunicipality) = (calls.Today, _info.Caller.Is(OrganisationKind.Municipality));
        try
        {
            var broken = Check(request);
            var scope = broken.Count > 0 ? null : await calls.AdmitItemAsync(request.Municipality, Guid.Empty, context);
            return (scope, request.Items.Select(item => PlacementEntry.Of(item, byMunicipality, today, broken)));
        }
        catch (RefusalException refused)
        {
            // Before its items are looked at: who has no contract, or names no municipality, hears nothing else.
            return (null, request.Items.Select(item => PlacementEntry.Refused(item.PlacementId, refused.Refusal)));
        }
    }

    /// <summary>
    /// What is wrong with the request as a whole; its items are checked one by one, and each answer has both. That it holds not too
    /// many was checked while it was read.
    /// </summary>
    private static IReadOnlyList<FieldViolation> Check(ReportPlacementsRequest request)
    {
        var checks = new FieldChecks();
        checks.Require(TenantId.TryParse(request.Municipality, out _), "municipality", "Is no municipality code: GM and four digits.");
        return checks.Violations;
    }

    private static ReportPlacementsResponse Answer(List<PlacementEntry> entries)
    {
        var response = new ReportPlacementsResponse();
        response.Answers.Capacity = entries.Count;
        foreach (var entry in entries)
        {
            response.Answers.Add(new PlacementAnswer { PlacementId = entry.PlacementId, Accepted = entry.Refusal is null, Refusal = entry.Refusal?.ToItem() });
        }

        return response;
    }

    private sealed record Batch(CallScope? Scope, List<PlacementEntry> Entries)
    {
        /// <summary>Completes once the entries are decided, and those that were accepted are durable.</summary>
        public Task Stored { get; set; } = Task.CompletedTask;
    }
}
