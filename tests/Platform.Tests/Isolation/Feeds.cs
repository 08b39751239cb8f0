using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>One log that somebody reads from its beginning to its end.</summary>
/// <param name="Way">How: page by page, as what the service itself raised, or as a subscription.</param>
internal sealed record Feed(Who Who, string Service, string Municipality, FeedWay Way)
{
    /// <summary>All that came; nothing where it is refused.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancel)
    {
        var client = new EventService.EventServiceClient(Who.Invoker);
        var all = new List<byte>();
        try
        {
            if (Way == FeedWay.Subscribed) await SubscribeAsync(client, all, cancel);
            else await ReadPagesAsync(client, all, cancel);
        }
        catch (RpcException refused)
        {
            all.AddRange(refused.GetRpcStatus()?.ToByteArray() ?? []);
        }

        return [.. all];
    }

    private async Task SubscribeAsync(EventService.EventServiceClient client, List<byte> all, CancellationToken cancel)
    {
        using var feed = client.Subscribe(
            new SubscribeRequest { Service = Service, Municipality = Municipality }, deadline: DateTime.UtcNow.AddSeconds(60), cancellationToken: cancel);
        while (await feed.ResponseStream.MoveNext(cancel) && feed.ResponseStream.Current.CaughtUp is null)
        {
            // Its token is the caller's own.
            if (feed.ResponseStream.Current.Event is { } read) all.AddRange(read.ToByteArray());
        }
    }

    private async Task ReadPagesAsync(EventService.EventServiceClient client, List<byte> all, CancellationToken cancel)
    {
        var request = new ReadEventsRequest { Service = Service, Municipality = Municipality, OwnOnly = Way == FeedWay.Own };
        while (true)
        {
            var page = await client.ReadEventsAsync(request, cancellationToken: cancel);
            foreach (var read in page.Events) all.AddRange(read.ToByteArray());
            if (page.EndReached) return;
            if (request.OwnOnly) request.AfterSequence = page.Events[^1].Sequence;
            else request.After = page.ResumeToken;
        }
    }
}

/// <summary>How a log is read.</summary>
internal enum FeedWay
{
    Pages,
    Own,
    Subscribed,
}

/// <summary>Every log, by every way, for everybody.</summary>
internal static class Feeds
{
    public static IEnumerable<Feed> Of(IsolationPlatform platform) =>
        from who in platform.Everybody
        from service in PlatformServices.Names
        from municipality in IsolationPlatform.Registered.Append(BaseRequests.Nowhere).Append("")
        from way in Enum.GetValues<FeedWay>()
        select new Feed(who, service, municipality, way);
}
