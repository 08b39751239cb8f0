using System.Collections.Concurrent;
using System.Reflection;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Backbone.Operations;

/// <summary>How one service stands.</summary>
internal static class ServiceStatus
{
    private const int SideBySide = 8;

    /// <summary>Of this program, with its commit: <c>0.1.0+0123abc…</c>.</summary>
    internal static readonly string Version = typeof(ServiceStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static async Task<GetStatusResponse> OfAsync(
        ServiceRuntime service, EventTransport transport, TimeProvider clock, CancellationToken cancel)
    {
        var stores = service.AllOperations().Where(store => store.Exists).ToList();
        var status = new GetStatusResponse
        {
            Service = service.Name,
            Time = Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
            Municipalities = service.Tenants.Count,
            Suspended = service.Tenants.All.Count(tenant => service.Tenants.Find(tenant) == TenantStanding.Suspended),
            Stores = stores.Count,
            QueueDepth = service.QueueDepth,
            Broker = BrokerOf(transport.Broker(service.Name)),
            FreeBytes = new DriveInfo(service.Folder).AvailableFreeSpace,
            Version = Version,
        };
        await SummarizeAsync(service, stores, status, cancel);
        status.Behind.Add(service.Inboxes.SelectMany(inbox => inbox.BehindSources).Select(behind => new BehindSource
        {
            Service = behind.Source.Service, Origin = behind.Source.Origin?.Code ?? "platform",
            Fault = behind.Why?.Fault ?? "", HeldBackSince = behind.Why is { } why ? Timestamp.FromDateTimeOffset(why.Since) : null,
        }));
        // Last: looking at a store may be what finds it broken.
        status.Quarantined.Add(service.Quarantined.OrderBy(store => store.Key, StringComparer.Ordinal).Select(store => new QuarantinedStore { Store = store.Key, Why = store.Value }));
        return status;
    }

    private static async Task SummarizeAsync(
        ServiceRuntime service, List<StoreOperations> stores, GetStatusResponse status, CancellationToken cancel)
    {
        var found = new ConcurrentBag<(string Municipality, StoreSummary Summary)>();
        var failed = await Round.OfAsync(stores.Where(store => store.Quarantine is null), SideBySide, store =>
        {
            found.Add((store.Name.Tenant?.Code ?? "", store.Summarize()));
            return Task.CompletedTask;
        }, cancel);
        // One that was found to be out of service is told among those.
        status.Unreadable.Add(failed.Where(store => store.Item.Quarantine is null).OrderBy(store => store.Item.Name.ToString(), StringComparer.Ordinal)
            .Select(store => new QuarantinedStore { Store = store.Item.Name.ToString(), Why = EventFaults.Describe(store.Fault) }));

        foreach (var (inbox, writesPlatform) in service.Inboxes.Zip([false, true]))
        {
            var applied = found.Where(store => store.Municipality.Length == 0 == writesPlatform).SelectMany(store => store.Summary.Applied)
                .ToLookup(count => (count.Service, count.Platform), count => count.Events);
            // Also what is followed and brought nothing yet.
            status.Applied.Add(inbox.FollowedKinds.Order().Select(kind => new EventCount { Service = kind.Service, Platform = kind.Platform, Events = applied[kind].Sum() }));
        }

        status.Raised.Add(found.GroupBy(store => store.Municipality.Length == 0, store => store.Summary.Raised).OrderBy(kind => kind.Key)
            .Select(kind => new EventCount { Service = service.Name, Platform = kind.Key, Events = kind.Sum() }));
        foreach (var (municipality, summary) in found.OrderBy(store => store.Municipality, StringComparer.Ordinal))
        {
            if (summary.Parked > 0)
            {
                status.Parked.Add(new ParkedCount { Municipality = municipality, Count = summary.Parked, Oldest = Timestamp.FromDateTimeOffset(summary.OldestParked!.Value) });
            }

            status.Lost.Add(summary.Lost.Select(lost => new LostEvents { Municipality = municipality, Source = lost.Source, FromSequence = lost.From, ToSequence = lost.To }));
        }
    }

    private static BrokerStatus BrokerOf(BrokerState? broker) => broker is null ? new BrokerStatus() : new BrokerStatus
    {
        Used = true, Fault = broker.Fault, Waiting = broker.Waiting,
        WaitingSince = broker.WaitingSince is { } since ? Timestamp.FromDateTimeOffset(since) : null,
    };
}
