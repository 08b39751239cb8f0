using System.Collections.Concurrent;
using System.Threading.Channels;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Host.Demo.History;
using Grpc.Core;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>
/// One sw-company reports over one bulk stream that stays open: what waits for a municipality goes out together, and the
/// answers come back in order.
/// </summary>
internal sealed class Company(CallInvoker caller) : IAsyncDisposable
{
    private const int MostItems = 100;

    private readonly PlacementService.PlacementServiceClient _client = new(caller);
    private readonly Channel<Report> _waiting = Channel.CreateUnbounded<Report>(new() { SingleReader = true });
    private readonly ConcurrentQueue<Report> _sent = new();
    private readonly Lock _opening = new();
    private Task? _stream;

    private sealed record Report(string Municipality, PlacementItem Item, TaskCompletionSource Answered);

    /// <summary>Reports who started to work; completes when the report is durable.</summary>
    public Task ReportAsync(Candidate who, CancellationToken cancel)
    {
        Task stream;
        lock (_opening) stream = _stream ??= RunAsync(cancel);

        var report = new Report(who.Municipality, Item(who), new(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting.Writer.TryWrite(report);
        return AnsweredAsync();

        async Task AnsweredAsync()
        {
            // A stream that broke answers nothing any more.
            await await Task.WhenAny(report.Answered.Task, stream);
            await report.Answered.Task.WaitAsync(cancel);
        }
    }

    public async Task EndAsync(Candidate who, PlacementStep placement, CancellationToken cancel) => await _client.EndPlacementAsync(new()
    {
        Municipality = who.Municipality,
        RequestId = who.RequestId("end"),
        PlacementId = who.PlacementId,
        LastDay = placement.LastDay!.Value.ToDate(),
        Reason = placement.EndReason,
        Cause = placement.EndCause,
    }, cancellationToken: cancel);

    /// <summary>Nothing more to report.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        if (_stream is { } stream) await stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        using var call = _client.ReportPlacements(cancellationToken: cancel);
        var answering = AnswerAsync(call.ResponseStream, cancel);
        Report? next = null;
        while (next is not null || await _waiting.Reader.WaitToReadAsync(cancel))
        {
            next ??= Take();
            if (next is null) continue;
            var request = new ReportPlacementsRequest { Municipality = next.Municipality };
            while (next is not null && next.Municipality == request.Municipality && request.Items.Count < MostItems)
            {
                request.Items.Add(next.Item);
                _sent.Enqueue(next);
                next = Take();
            }

            try
            {
                await call.RequestStream.WriteAsync(request, cancel);
            }
            catch (RpcException)
            {
                // A refused stream fails the write as CANCELLED at times; its answers end with the reason.
                await answering;
                throw;
            }

            if (answering.IsCompleted) break;
        }

        await call.RequestStream.CompleteAsync();
        await answering;

        Report? Take() => _waiting.Reader.TryRead(out var report) ? report : null;
    }

    private async Task AnswerAsync(IAsyncStreamReader<ReportPlacementsResponse> answers, CancellationToken cancel)
    {
        await foreach (var response in answers.ReadAllAsync(cancel))
        {
            foreach (var answer in response.Answers)
            {
                if (!_sent.TryDequeue(out var report) || report.Item.PlacementId != answer.PlacementId)
                {
                    throw new InvalidOperationException($"Placement {answer.PlacementId} was answered out of order.");
                }

                if (answer.Accepted) report.Answered.SetResult();
                else report.Answered.SetException(new InvalidOperationException(
                    $"Placement {answer.PlacementId} in {report.Municipality} was refused: {answer.Refusal.Reason}. {answer.Refusal.Message}"));
            }
        }
    }

    private static PlacementItem Item(Candidate who) => new()
    {
        PlacementId = who.PlacementId,
        Report = new PlacementReport
        {
            CaseId = who.CaseId,
            OfferId = who.OfferId,
            Sector = EmployerSector.Sw,
            Workplace = "Assembly and packing",
            StartOn = who.History.Placement!.StartOn.ToDate(),
            MinutesPerWeek = who.History.Offer!.MinutesPerWeek,
            ContractType = ContractType.Permanent,
            Terms = "own-terms",
            Form = PlacementForm.Inside,
        },
    };
}
