using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Bench;

/// <summary>Live subscriptions of the municipality to one service's feed, over a connection of their own.</summary>
internal sealed class Subscribers(Server server, string service) : IAsyncDisposable
{
    /// <summary>Subscriptions that are opened at once.</summary>
    private const int AtOnce = 100;

    private readonly GrpcChannel _channel = server.Connect();
    private readonly List<AsyncServerStreamingCall<SubscribeResponse>> _calls = [];
    private readonly List<Task> _reading = [];

    private EventService.EventServiceClient Client => new(server.As("municipality", _channel));

    /// <summary>Opens so many more behind the end of the log; completes when all are live.</summary>
    /// <param name="received">Called for each event of each subscription, from many threads.</param>
    public async Task OpenAsync(int count, Action<CloudEvent> received)
    {
        var end = await EndAsync();
        for (var opened = 0; opened < count; opened += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, count - opened)).Select(_ =>
            {
                var call = Subscribe(end);
                var live = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _calls.Add(call);
                _reading.Add(ReadAsync(call, received, live));
                return live.Task;
            }));
        }
    }

    /// <summary>Opens so many more that read nothing behind the first message.</summary>
    public async Task OpenSilentAsync(int count)
    {
        var end = await EndAsync();
        for (var i = 0; i < count; i++)
        {
            var call = Subscribe(end);
            _calls.Add(call);
            await call.ResponseStream.MoveNext(CancellationToken.None);
        }
    }

    /// <summary>Reads the feed from its first event; completes with how many there were up to the end.</summary>
    public async Task<long> CatchUpAsync()
    {
        using var call = Subscribe("");
        var events = 0L;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            switch (call.ResponseStream.Current.MessageCase)
            {
                case SubscribeResponse.MessageOneofCase.Event: events++; break;
                case SubscribeResponse.MessageOneofCase.CaughtUp: return events;
            }
        }

        throw new InvalidOperationException("The feed ended.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var call in _calls) call.Dispose();
        await Task.WhenAll(_reading);
        _channel.Dispose();
    }

    private AsyncServerStreamingCall<SubscribeResponse> Subscribe(string after) =>
        Client.Subscribe(new SubscribeRequest { Municipality = Workload.Municipality, Service = service, After = after });

    private async Task<string> EndAsync()
    {
        using var call = Subscribe("");
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (call.ResponseStream.Current.MessageCase == SubscribeResponse.MessageOneofCase.CaughtUp) return call.ResponseStream.Current.ResumeToken;
        }

        throw new InvalidOperationException("The feed ended.");
    }

    private static async Task ReadAsync(AsyncServerStreamingCall<SubscribeResponse> call, Action<CloudEvent> received, TaskCompletionSource live)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                switch (call.ResponseStream.Current.MessageCase)
                {
                    case SubscribeResponse.MessageOneofCase.Event: received(call.ResponseStream.Current.Event); break;
                    case SubscribeResponse.MessageOneofCase.CaughtUp: live.TrySetResult(); break;
                }
            }
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled)
        {
            // Disposed.
        }
        catch (Exception error)
        {
            live.TrySetException(error);
            throw;
        }
    }
}
