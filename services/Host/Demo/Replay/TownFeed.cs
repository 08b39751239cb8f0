using System.Collections.Concurrent;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>
/// What a municipality hears of others on its own feed: one subscription, and waits for the facts that a next step needs.
/// </summary>
internal sealed class TownFeed : IAsyncDisposable
{
    // Far more than any event needs; only so that a fact that never comes is told, not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string Advised = TypeOf<AdviceIssued>(), Opened = TypeOf<CaseOpened>(),
        Reported = TypeOf<PlacementsReported>(), Ended = TypeOf<PlacementEnded>();

    private readonly ConcurrentDictionary<(string Type, string Id), TaskCompletionSource<string>> _facts = new();
    private readonly string _municipality;
    private readonly CancellationTokenSource _closing;
    private readonly Task _listening;

    /// <param name="municipality">Whose feed.</param>
    /// <param name="caller">The municipality.</param>
    /// <param name="cancel">Ends the subscription.</param>
    public TownFeed(string municipality, CallInvoker caller, CancellationToken cancel)
    {
        _municipality = municipality;
        _closing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _listening = ListenAsync(new EventService.EventServiceClient(caller));
    }

    /// <summary>Completes once the advice on this request has arrived.</summary>
    public Task AdviceIssuedAsync(string adviceRequestId, CancellationToken cancel) => HeardAsync(Advised, adviceRequestId, cancel);

    /// <summary>The case that a citizen's own request became.</summary>
    public Task<string> CaseOfAsync(string adviceRequestId, CancellationToken cancel) => HeardAsync(Opened, adviceRequestId, cancel);

    /// <summary>Completes once the start of this placement has arrived.</summary>
    public Task PlacementReportedAsync(string placementId, CancellationToken cancel) => HeardAsync(Reported, placementId, cancel);

    /// <summary>Completes once the end of this placement has arrived.</summary>
    public Task PlacementEndedAsync(string placementId, CancellationToken cancel) => HeardAsync(Ended, placementId, cancel);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task<string> HeardAsync(string type, string id, CancellationToken cancel)
    {
        var fact = Fact(type, id).Task;
        if (fact.IsCompletedSuccessfully) return fact.Result;
        try
        {
            // A feed that broke brings nothing any more.
            if (await Task.WhenAny(fact, _listening).WaitAsync(Patience, cancel) == _listening) await _listening;
            return await fact.WaitAsync(Patience, cancel);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_municipality} did not hear {type} of {id} within {Patience.TotalSeconds} seconds.");
        }
    }

    private async Task ListenAsync(EventService.EventServiceClient client)
    {
        var request = new SubscribeRequest { Municipality = _municipality, Types_ = { Advised, Opened, Reported, Ended } };
        using var feed = client.Subscribe(request, cancellationToken: _closing.Token);
        await foreach (var message in feed.ResponseStream.ReadAllAsync(_closing.Token))
        {
            if (message.Event is { } heard) Note(heard);
        }
    }

    private void Note(CloudEvent heard)
    {
        if (heard.Type == Opened)
        {
            var opened = heard.Data.Unpack<CaseOpened>();
            if (opened.AdviceRequestId.Length > 0) Fact(Opened, opened.AdviceRequestId).TrySetResult(opened.CaseId);
        }
        else if (heard.Type == Reported)
        {
            foreach (var placement in heard.Data.Unpack<PlacementsReported>().Placements) Fact(Reported, placement.PlacementId).TrySetResult(heard.Id);
        }
        else
        {
            // The subject of an advice is its request, that of an end its placement.
            Fact(heard.Type, heard.Subject).TrySetResult(heard.Id);
        }
    }

    private TaskCompletionSource<string> Fact(string type, string id) =>
        _facts.GetOrAdd((type, id), _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    private static string TypeOf<T>() where T : IMessage<T>, new() => EventTypes.Of(new T().Descriptor).CloudType;
}
