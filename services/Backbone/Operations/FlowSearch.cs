using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Backbone.Operations;

/// <summary>Looks for events in the logs of all services: those of this process directly, the others by asking them.</summary>
/// <param name="services">Of this process.</param>
/// <param name="clients">To the others.</param>
/// <param name="configuration">Where they are.</param>
public sealed class FlowSearch(ServiceRuntimes services, PlatformClients clients, IConfiguration configuration)
{
    private const int Most = 2000;
    private const int SideBySide = 8;

    internal async Task<GetFlowResponse> EverywhereAsync(ServiceRuntime asked, GetFlowRequest request, CallOptions call)
    {
        var ids = request.Ids.ToHashSet();
        var found = await AskAllAsync(asked, request, ids, call);
        // What the case names beside itself, such as its advice request: its events do not name the case.
        var related = ids.Count == 0 ? [] : Flow.Related(found.SelectMany(answer => answer.Events).Select(flow => flow.Event), ids).ToHashSet();
        if (related.Count > 0)
        {
            related.UnionWith(ids);
            found = await AskAllAsync(asked, request, related, call);
        }

        var merged = Flow.Merge(found.SelectMany(answer => answer.Events.GroupBy(flow => flow.Places[0].Store)).Select(log => log.ToList()));
        return new GetFlowResponse
        {
            Events = { merged.Take(Most) },
            Unreachable = { found.SelectMany(answer => answer.Unreachable).Order() },
            Truncated = merged.Count > Most || found.Any(answer => answer.Truncated),
        };
    }

    /// <summary>What one service of this process holds, log by log.</summary>
    internal static async Task<GetFlowResponse> HereAsync(ServiceRuntime service, GetFlowRequest request, CancellationToken cancel)
    {
        var stores = request.Municipality.Length == 0 ? service.AllOperations()
            : service.HasTenantStores ? [service.Operations(null), service.Operations(TenantId.Parse(request.Municipality))] : [service.Operations(null)];
        var found = new ConcurrentBag<List<FlowEvent>>();
        var all = stores.Where(store => store.Exists).ToList();
        var failed = await Round.OfAsync(all.Where(store => store.Quarantine is null), SideBySide, store =>
        {
            found.Add(store.FindFlow(request.TraceId, request.Ids, Most, cancel));
            return Task.CompletedTask;
        }, cancel);
        return new GetFlowResponse
        {
            Events = { found.SelectMany(log => log).Take(Most) },
            Unreachable = { all.Where(store => store.Quarantine is not null).Concat(failed.Select(store => store.Item)).Select(store => store.Name.ToString()).Distinct().Order() },
            Truncated = found.Sum(log => log.Count) > Most,
        };
    }

    private async Task<GetFlowResponse[]> AskAllAsync(
        ServiceRuntime asked, GetFlowRequest request, IEnumerable<string> ids, CallOptions call)
    {
        var names = services.All.Select(service => service.Name).Union(configuration.GetSection("Services").GetChildren().Select(service => service.Key)).Order();
        return await Task.WhenAll(names.Select(name => AskAsync(asked, name, Only(name), call)));

        GetFlowRequest Only(string name) => new()
        {
            Municipality = request.Municipality, Service = name, Ids = { ids }, TraceId = request.TraceId, ThisServiceOnly = true,
        };
    }

    private async Task<GetFlowResponse> AskAsync(ServiceRuntime asked, string name, GetFlowRequest request, CallOptions call)
    {
        var cancel = call.CancellationToken;
        if (services.Find(name) is { } here) return await Task.Run(() => HereAsync(here, request, cancel), cancel);
        try
        {
            return await clients.Get<OperationsService.OperationsServiceClient>(asked.Name, name).GetFlowAsync(request, call);
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return new GetFlowResponse { Unreachable = { name } };
        }
    }
}
