using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Health.V1;

namespace BeschutWerk.Cli.Doctor;

/// <summary>Looks at the token server and at every service, from here.</summary>
internal static class Examination
{
    private const string BrokerHealth = "rabbitmq";

    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(5);

    /// <summary>Why no token can be had; null when one can.</summary>
    public static async Task<Failure?> OfTokensAsync(Connection connection, CancellationToken cancel)
    {
        try
        {
            await connection.AuthenticateAsync(cancel);
            return null;
        }
        catch (Failure failure)
        {
            return failure;
        }
    }

    /// <summary>All services, side by side.</summary>
    /// <param name="connection">To them.</param>
    /// <param name="mayAsk">Whether there is a token: without one only their health can be seen.</param>
    public static Task<Observation[]> OfServicesAsync(Connection connection, bool mayAsk, CancellationToken cancel) =>
        Task.WhenAll(connection.Addresses.Select(at => OfServiceAsync(connection, at.Key, mayAsk, cancel)));

    /// <summary>What a look through the stores of a municipality finds, in every service that has one.</summary>
    public static async Task<EveryStore<IEnumerable<Finding>>> OfStoresAsync(Connection connection, string store, CancellationToken cancel) =>
        await EveryStore<IEnumerable<Finding>>.AskAsync(Inputs.ServicesOf(null), store, async service =>
        {
            var request = new VerifyStoreRequest { Service = service, Municipality = Inputs.CodeOf(store) };
            var verified = await connection.AskAsync(
                service, at => new OperationsService.OperationsServiceClient(at).VerifyStoreAsync(request, deadline: DateTime.UtcNow + Connection.LongPatience, cancellationToken: cancel), cancel);
            return verified.Findings.Select(found => new Finding(found.Code, $"{service}/{store}", found.Detail, found.Remedy));
        });

    private static async Task<Observation> OfServiceAsync(Connection connection, string service, bool mayAsk, CancellationToken cancel)
    {
        var address = connection.Addresses[service];
        var (health, unreachable) = await HealthAsync(connection, service, "", cancel);
        var (broker, _) = unreachable is null ? await HealthAsync(connection, service, BrokerHealth, cancel) : default;
        if (unreachable is not null || !mayAsk) return new Observation(service, address, health, broker, null, null, unreachable);

        var asked = DateTimeOffset.UtcNow;
        var standing = await Standing.OfAsync(connection, service, cancel);
        // Where in between the service looked at its clock is not known: only what lies outside is an error of a clock.
        TimeSpan? skew = standing.Status?.Time.ToDateTimeOffset() is not { } time ? null
            : time < asked ? time - asked : time > DateTimeOffset.UtcNow ? time - DateTimeOffset.UtcNow : TimeSpan.Zero;
        return new Observation(service, address, health, broker, standing.Status, skew, standing.Failure);
    }

    private static async Task<(string? Status, Failure? Unreachable)> HealthAsync(Connection connection, string service, string name, CancellationToken cancel)
    {
        try
        {
            var answer = await new Health.HealthClient(connection.ChannelTo(service)).CheckAsync(new HealthCheckRequest { Service = name }, deadline: DateTime.UtcNow + HealthPatience, cancellationToken: cancel);
            return (NameOf(answer.Status), null);
        }
        catch (RpcException unknown) when (unknown.StatusCode == StatusCode.NotFound)
        {
            // Nothing of that name here: events travel in process.
            return (null, null);
        }
        catch (RpcException error) when (!cancel.IsCancellationRequested)
        {
            return (null, Failure.Of(error, service, connection.Addresses[service]));
        }
    }

    /// <summary>As the protocol writes it, such as NOT_SERVING.</summary>
    private static string NameOf(HealthCheckResponse.Types.ServingStatus status) => HealthCheckResponse.Descriptor.EnumTypes[0].FindValueByNumber((int)status).Name;
}
