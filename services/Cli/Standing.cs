using System.Text.Json.Serialization;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli;

/// <summary>How one service stands, or why that is not known.</summary>
/// <param name="Service">Service name.</param>
/// <param name="Address">Where it was asked.</param>
/// <param name="Status">What it answered; null when it did not.</param>
/// <param name="Failure">Why it did not.</param>
internal sealed record Standing(string Service, Uri Address, GetStatusResponse? Status, [property: JsonIgnore] Failure? Failure)
{
    /// <summary>A service answers from memory. One that needs longer hangs, and the others are shown without it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Why it did not answer, in words.</summary>
    public string? Fault => Failure?.Message;

    /// <summary>All services, side by side: one that does not answer holds no other back.</summary>
    public static Task<Standing[]> OfAllAsync(Connection connection, CancellationToken cancel) =>
        Task.WhenAll(connection.Addresses.Keys.Select(service => OfAsync(connection, service, cancel)));

    /// <summary>One service.</summary>
    public static async Task<Standing> OfAsync(Connection connection, string service, CancellationToken cancel)
    {
        var address = connection.Addresses[service];
        try
        {
            return new Standing(service, address, await connection.AskAsync(
                service, at => new OperationsService.OperationsServiceClient(at).GetStatusAsync(new GetStatusRequest { Service = service }, deadline: DateTime.UtcNow + Patience, cancellationToken: cancel), cancel), null);
        }
        catch (Failure failure)
        {
            return new Standing(service, address, null, failure);
        }
    }
}
