using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone;

/// <summary>The services of this process by name.</summary>
public sealed class ServiceRuntimes(IEnumerable<ServiceRuntime> services)
{
    private readonly Dictionary<string, ServiceRuntime> _services = services.ToDictionary(service => service.Name);

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<ServiceRuntime> All => _services.Values;

    /// <summary>The service of that name; null when it is not in this process.</summary>
    public ServiceRuntime? Find(string name) => _services.GetValueOrDefault(name);

    /// <summary>
    /// Why a call is refused whatever it asks, as its service has heard; null when it is not. Calls that name their service
    /// themselves are checked once they are read.
    /// </summary>
    internal Refusal? SuspensionOf(Caller caller, string method) =>
        caller.Is(OrganisationKind.Municipality) && Find(Access.ServiceOf(method)) is { } service
            ? Suspension.OfCaller(service.Tenants, caller)
            : null;

    /// <summary>Completes when the services of this process have applied all that each has told the others, and nothing came of it any more.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: a reaction needs a service that does not answer.</exception>
    public async Task CaughtUpAsync(CancellationToken cancel)
    {
        // What is applied may raise an event that another follows: again, until nothing was applied during a whole round,
        // neither by us nor by those who follow anyway.
        var inboxes = All.SelectMany(service => service.Inboxes).ToList();
        long before;
        do
        {
            before = inboxes.Sum(inbox => inbox.Handled);
            foreach (var inbox in inboxes) await inbox.CatchUpAllAsync(cancel);
        }
        while (inboxes.Sum(inbox => inbox.Handled) != before);
    }

    /// <summary>Another service or the token server answers again: what may have waited for it is tried now.</summary>
    internal void RetryHeldBack()
    {
        foreach (var inbox in All.SelectMany(service => service.Inboxes)) inbox.RetryHeldBack();
    }
}
