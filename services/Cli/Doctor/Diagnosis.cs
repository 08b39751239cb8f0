using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Doctor;

/// <summary>From what was seen to what is wrong, and what to do about it.</summary>
internal static class Diagnosis
{
    /// <summary>A clock further off than this shows in the order of times, and near midnight in legal dates.</summary>
    public static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(5);

    /// <summary>A broker confirms in milliseconds; a reconnection takes up to ten seconds.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>What a day of a large platform writes, with room for its backups.</summary>
    public const long LeastFree = 2_000_000_000;

    /// <summary>Municipalities that are named in one line.</summary>
    private const int MostNamed = 5;

    /// <summary>What is wrong with services.</summary>
    public static IReadOnlyList<Finding> Of(IReadOnlyList<Observation> seen) =>
        [.. seen.SelectMany(OfService), .. OfVersions(seen)];

    private static IEnumerable<Finding> OfService(Observation seen) =>
    [
        .. OfAnswer(seen),
        .. seen.Status is { } status ? OfEvents(seen.Service, status).Concat(OfStores(seen.Service, status)) : [],
    ];

    private static IEnumerable<Finding> OfAnswer(Observation seen)
    {
        var (service, status) = (seen.Service, seen.Status);
        if (seen.Failure is { ExitCode: ExitCode.OutOfReach } silent)
        {
            yield return new("SERVICE_UNREACHABLE", service, silent.Message, "Start it, or say with --at where it is. What others have for it waits in their stores.");
        }
        else if (seen.Failure?.Is(ErrorReason.NotAuthenticated) == true)
        {
            yield return new("TOKEN_REFUSED", service, "It does not accept the token server's token.", $"Set Identity__Authority of {service} to exactly the address that the token server issues under, and compare their clocks.");
        }
        else if (seen.Failure?.Is(ErrorReason.KindNotAllowed) == true)
        {
            yield return new("NOT_AN_OPERATOR", service, "The client may not ask how it stands.", "Ask as an operator's client, with --client or BW_CLIENT_ID.");
        }
        else if (seen.Failure is { } refused)
        {
            yield return new("SERVICE_REFUSES", service, refused.Message, $"Look in the log of {service}.");
        }

        if (seen.Health is { } health and not "SERVING") yield return new("UNHEALTHY", service, $"Its health is {health}.", $"Look in the log of {service}; it may still be starting.");
        if (seen.Skew is { } skew && skew.Duration() > MostSkew)
        {
            yield return new("CLOCK_SKEW", service, $"Its clock is {Texts.Span(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's.", "Synchronise the machines' clocks (NTP): dates are compared with them.");
        }

        var fault = status?.Broker.Fault is { Length: > 0 } told ? told : seen.Broker is "NOT_SERVING" ? "its health says so" : "";
        if (fault.Length > 0)
        {
            yield return new("BROKER_UNREACHABLE", service, $"It cannot reach its broker: {fault.TrimEnd('.')}.", $"Start RabbitMQ, or mend Messaging__RabbitMq of {service}. Nothing is lost: events wait in the stores.");
        }
    }

    private static IEnumerable<Finding> OfEvents(string service, GetStatusResponse status)
    {
        if (status.Broker.WaitingSince is { } since && Age(since, status) is var age && age > LongestWait)
        {
            yield return new("EVENTS_WAITING", service, $"{status.Broker.Waiting} events wait for the broker, the oldest for {Texts.Span(age)}.", "If the broker is reached: look at its alarms (memory, disk), and in the service's log.");
        }

        foreach (var held in status.Behind.Where(source => source.Fault.Length > 0).GroupBy(source => (source.Service, source.Fault)))
        {
            var oldest = held.Where(source => source.HeldBackSince is not null).Select(source => Age(source.HeldBackSince, status)).DefaultIfEmpty().Max();
            yield return new(
                "SOURCE_BEHIND", service,
                $"It waits to apply what {held.Key.Service} told of {StoresOf([.. held])}, for {Texts.Span(oldest)}: "
                + $"each try ends with {held.Key.Fault}.",
                $"{RemedyOf(service, held.Key.Service, held.Key.Fault)} Then {service} goes on by itself; no event is lost.");
        }

        foreach (var parked in status.Parked)
        {
            var store = Inputs.NameOf(parked.Municipality);
            yield return new("EVENTS_PARKED", $"{service}/{store}", $"{parked.Count} events failed for good, the first {Texts.Span(Age(parked.Oldest, status))} ago.", $"bw parked list {store} --service {service}; mend the cause, then bw parked requeue, or drop.");
        }

        foreach (var lost in status.Lost)
        {
            var store = Inputs.NameOf(lost.Municipality);
            yield return new(
                "EVENTS_LOST", $"{service}/{store}",
                $"Events {lost.FromSequence} to {lost.ToSequence} of {lost.Source} were applied here, and their store lost them "
                + "by a restore.",
                "bw acts of that store names the backup and the restore: ask who acted there in between, and record again what is missing. "
                + $"Then bw lost settle {store} {lost.Source} --from {lost.FromSequence} --to {lost.ToSequence} --service {service}, "
                + "with a --reason.");
        }
    }

    /// <summary>Which stores told it, as far as they fit into a line.</summary>
    private static string StoresOf(IReadOnlyList<BehindSource> held)
    {
        // A store that was restored is several sources.
        var stores = held.Select(source => source.Origin).Distinct().Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", stores.Take(MostNamed)) + (stores.Count > MostNamed ? $" and {stores.Count - MostNamed} more" : "");
    }

    /// <summary>Who waits and who told it are named; what fails may lie with either of them, or with a third that must be asked.</summary>
    private static string RemedyOf(string service, string producer, string fault) => fault switch
    {
        "SERVICE_UNREACHABLE" or "RpcException" or "HttpRequestException" =>
            $"Start {producer}, or who else {service} must ask about these events: bw status says who does not answer.",
        "STORE_QUARANTINED" => $"Restore the store of {service} or {producer} that bw doctor names as STORE_QUARANTINED.",
        "STORAGE_FULL" => $"Make room where the stores of {service} are.",
        "TENANT_SUSPENDED" => "Resume the municipality (bw tenants resume) when it may go on.",
        _ => $"Mend what the log of {service} says of this fault.",
    };

    private static IEnumerable<Finding> OfStores(string service, GetStatusResponse status)
    {
        foreach (var store in status.Quarantined)
        {
            yield return new("STORE_QUARANTINED", store.Store, $"{store.Why.TrimEnd('.')}.", $"Its calls are UNAVAILABLE, all others are served. When its file is damaged: bw restore {store.Store.Split('/')[^1]} --service {service} --reason damaged.");
        }

        if (status.FreeBytes < LeastFree)
        {
            yield return new("DISK_LOW", service, $"{Texts.Bytes(status.FreeBytes)} are free where its stores are.", "Free some, or move the data folder; with none left every write is refused.");
        }
    }

    /// <summary>An upgrade goes service by service, but should end.</summary>
    private static IEnumerable<Finding> OfVersions(IReadOnlyList<Observation> seen)
    {
        var versions = seen.Where(service => service.Status is not null).GroupBy(service => service.Status!.Version).ToList();
        if (versions.Count <= 1) yield break;
        yield return new(
            "VERSIONS_DIFFER", string.Join(", ", seen.Select(service => service.Service)),
            string.Join("; ", versions.Select(version => $"{string.Join(", ", version.Select(service => service.Service))} run {version.Key}")) + ".",
            "Finish the upgrade: events that an older service does not know are parked there.");
    }

    private static TimeSpan Age(Google.Protobuf.WellKnownTypes.Timestamp since, GetStatusResponse status) => status.Time.ToDateTimeOffset() - since.ToDateTimeOffset();
}
