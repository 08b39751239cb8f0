using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// What a client and a municipality may take, once it is known who calls. What would be begun beyond a limit is refused: calls, streams,
/// bytes of a call. What goes on waits for its turn: calls that were read, messages and placements of a stream, which the client then
/// cannot send any faster. Turns are taken in the order of coming, so clients that ask for the same get the same.
/// </summary>
public sealed class CallLimits : IDisposable
{
    /// <summary>
    /// A service acts for many clients: its limits are so many times a client's, and its calls never wait for a turn, for a client's call
    /// may already wait for it.
    /// </summary>
    private const int OfServices = 10;

    /// <summary>All citizens of a portal come with its client: each of them has a fiftieth of what a client has, and no less than two.</summary>
    private const int OfCitizens = 50;

    /// <summary>Longest message, in kilobytes; what is longer is not read.</summary>
    private const int LongestMessage = 4 * 1024 + 1;

    /// <summary>In bytes: as many calls as a client may make in a second of that length are what it may send in a second.</summary>
    private const int ShortMessage = 4000;

    /// <summary>Most placements of a message.</summary>
    private const int MostRows = 1000;

    private readonly PartitionedRateLimiter<Caller> _rate, _openCalls, _streams, _bulkStreams, _calls, _unfinished, _kilobytes, _rows;
    private readonly int _clientUnfinished;
    private readonly PartitionedRateLimiter<(Caller Caller, string Method)> _methodCalls;
    private readonly PartitionedRateLimiter<TenantId> _municipalityCalls, _municipalityStreams, _municipalityRows;

    public CallLimits(LimitOptions options)
    {
        _rate = Limiters.EachSecond<Caller, Client>(ClientOf, client => Times(client, options.ClientCallsPerSecond), _ => 1, Others.Refused);
        _openCalls = Limiters.AtOnce<Caller, Client>(ClientOf, client => Times(client, options.ClientOpenCalls), Others.Refused);
        _streams = Limiters.AtOnce<Caller, Client>(ClientOf, client => Times(client, options.ClientStreams), Others.Refused);
        _bulkStreams = Limiters.AtOnce<Caller, Client>(ClientOf, client => Times(client, options.ClientBulkStreams), Others.Refused);
        _clientUnfinished = options.ClientUnfinishedKilobytes;
        _unfinished = Limiters.AtOnce<Caller, Client>(ClientOf, client => Times(client, _clientUnfinished), Others.Refused);
        _kilobytes = Limiters.EachSecond<Caller, Client>(
            ClientOf, client => Times(client, options.ClientKilobytesPerSecond), _ => LongestMessage, Others.Wait);
        _rows = Limiters.EachSecond<Caller, Client>(ClientOf, client => Times(client, options.ClientRowsPerSecond), _ => MostRows, Others.Wait);
        _calls = Limiters.AtOnce<Caller, Client>(ClientOf, client => Times(client, options.ClientCalls), Others.Wait);
        _methodCalls = Limiters.AtOnce<(Caller, string Method), (Client, string Method)>(
            call => (ClientOf(call.Item1), call.Method),
            // A read needs a processor as long as it takes. What writes waits for its commit, and many go into one.
            key => Access.IsCostly(key.Method) ? options.ClientCostlyCalls
                : Access.IsRead(key.Method) ? options.ClientReadCalls : options.ClientMethodCalls,
            Others.Wait);
        _municipalityCalls = Limiters.AtOnce<TenantId, TenantId>(tenant => tenant, _ => options.MunicipalityCalls, Others.Wait);
        _municipalityStreams = Limiters.AtOnce<TenantId, TenantId>(tenant => tenant, _ => options.MunicipalityStreams, Others.Refused);
        _municipalityRows = Limiters.EachSecond<TenantId, TenantId>(
            tenant => tenant, _ => options.MunicipalityRowsPerSecond, _ => MostRows, Others.Wait);
    }

    /// <summary>A client begins a call, of which nothing is read yet.</summary>
    /// <returns>Its place, until the call ends.</returns>
    /// <exception cref="RefusalException">RATE_LIMITED.</exception>
    internal RateLimitLease Begin(Caller caller, MethodType type)
    {
        Require(_rate.AttemptAcquire(caller), nameof(LimitOptions.ClientCallsPerSecond)).Dispose();
        return type switch
        {
            MethodType.Unary => Require(_openCalls.AttemptAcquire(caller), nameof(LimitOptions.ClientOpenCalls)),
            MethodType.ServerStreaming => Require(_streams.AttemptAcquire(caller), nameof(LimitOptions.ClientStreams)),
            _ => Require(_bulkStreams.AttemptAcquire(caller), nameof(LimitOptions.ClientBulkStreams)),
        };
    }

    /// <summary>Part of a message came: it stays in memory until the rest comes.</summary>
    /// <param name="caller">Whose message it is.</param>
    /// <param name="bytes">How long it will be.</param>
    /// <returns>Its room, until it has come whole.</returns>
    /// <exception cref="RefusalException">RATE_LIMITED.</exception>
    internal RateLimitLease FindRoom(Caller caller, long bytes) => Require(
        _unfinished.AttemptAcquire(caller, Math.Min(Kilobytes(bytes), Times(ClientOf(caller), _clientUnfinished))),
        nameof(LimitOptions.ClientUnfinishedKilobytes));

    /// <summary>A unary call was read and is about to be worked on.</summary>
    /// <param name="call">Keeps its turn.</param>
    /// <param name="method">Full name of its method.</param>
    /// <param name="bytes">How long its message is.</param>
    /// <param name="cancel">Cancelled when nobody waits for its answer.</param>
    /// <exception cref="RefusalException">RATE_LIMITED: its client has sent too many bytes.</exception>
    internal ValueTask TakeTurnAsync(OpenCall call, string method, long bytes, CancellationToken cancel)
    {
        if (call.Caller is not { } caller) return default;
        // Short messages of calls are few bytes however many calls a client may make.
        if (bytes > ShortMessage)
            Require(_kilobytes.AttemptAcquire(caller, Kilobytes(bytes)), nameof(LimitOptions.ClientKilobytesPerSecond)).Dispose();
        return caller.Is(OrganisationKind.Service) ? default : TakeTurnAsync(call, caller, method, cancel);
    }

    /// <summary>A unary call is about to work on a municipality.</summary>
    internal async ValueTask TakeTurnAsync(OpenCall call, TenantId municipality, CancellationToken cancel)
    {
        if (call.Caller!.Is(OrganisationKind.Service) || call.HasTurnAtMunicipality) return;
        call.Hold(await _municipalityCalls.AcquireAsync(municipality, 1, cancel));
    }

    /// <summary>A feed that catches up is about to read its log, which takes as long as a call that reads: waits until it is its turn.</summary>
    /// <returns>Its turn, until it has read.</returns>
    internal ValueTask<RateLimitLease> TakeReadAsync(Caller caller, string method, CancellationToken cancel) =>
        caller.Is(OrganisationKind.Service) ? default : _methodCalls.AcquireAsync((caller, method), 1, cancel);

    /// <summary>A message of a stream was read.</summary>
    internal ValueTask<RateLimitLease> TakeMessageAsync(Caller? caller, long bytes, CancellationToken cancel) =>
        caller is null ? default : _kilobytes.AcquireAsync(caller, Kilobytes(bytes), cancel);

    /// <summary>Placements that were reported are about to be stored or refused: waits until it is their turn.</summary>
    /// <param name="caller">Who reported them.</param>
    /// <param name="municipality">Of which they are; null when they are refused.</param>
    /// <param name="rows">How many.</param>
    /// <param name="cancel">Cancelled when nobody waits for their answers.</param>
    internal async ValueTask TakeRowsAsync(Caller caller, TenantId? municipality, int rows, CancellationToken cancel)
    {
        (await _rows.AcquireAsync(caller, rows, cancel)).Dispose();
        if (municipality is { } tenant) (await _municipalityRows.AcquireAsync(tenant, rows, cancel)).Dispose();
    }

    /// <summary>A client begins to follow a municipality.</summary>
    /// <returns>Its place, until the stream ends; null where it needs none.</returns>
    /// <exception cref="RefusalException">RATE_LIMITED.</exception>
    internal RateLimitLease? BeginFeed(Caller caller, TenantId municipality) => caller.Is(OrganisationKind.Service)
        ? null
        : Require(_municipalityStreams.AttemptAcquire(municipality), nameof(LimitOptions.MunicipalityStreams));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var limiter in new[] { _rate, _openCalls, _streams, _bulkStreams, _calls, _unfinished, _kilobytes, _rows }) limiter.Dispose();
        _methodCalls.Dispose();
        foreach (var limiter in new[] { _municipalityCalls, _municipalityStreams, _municipalityRows }) limiter.Dispose();
    }

    /// <summary>The place that was given.</summary>
    /// <exception cref="RefusalException">RATE_LIMITED: none was given.</exception>
    internal static RateLimitLease Require(RateLimitLease lease, string limit)
    {
        if (lease.IsAcquired) return lease;
        ReachedLimits.Count(limit);
        var refusal = Refusal.Of(ErrorReason.RateLimited, $"The limit {limit} is reached; try again later.") with
        {
            Metadata = new Dictionary<string, string> { ["limit"] = limit },
            // Who has too many open at once can only say itself when one of them ends.
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.Zero
                ? wait
                : TimeSpan.FromSeconds(1),
        };
        lease.Dispose();
        throw refusal.ToException();
    }

    private async ValueTask TakeTurnAsync(OpenCall call, Caller caller, string method, CancellationToken cancel)
    {
        // First of its method: who waits for a costly call keeps no other of its client waiting.
        var ofMethod = await _methodCalls.AcquireAsync((caller, method), 1, cancel);
        try
        {
            call.Hold(ofMethod, await _calls.AcquireAsync(caller, 1, cancel));
        }
        catch
        {
            ofMethod.Dispose();
            throw;
        }
    }

    private static int Kilobytes(long bytes) => (int)Math.Min(bytes / 1024 + 1, LongestMessage);

    private static int Times(Client client, int limit) => client.Kind switch
    {
        OrganisationKind.Service => (int)Math.Min((long)limit * OfServices, int.MaxValue),
        OrganisationKind.Citizen => Math.Max(limit / OfCitizens, Math.Min(limit, 2)),
        _ => limit,
    };

    private static Client ClientOf(Caller caller) =>
        new(caller.Token?.Client ?? caller.Actor, caller.Kind, caller.Is(OrganisationKind.Citizen) ? caller.OrganisationId : "");

    /// <param name="Id">Of the client that asked for the token.</param>
    /// <param name="Kind">Of the organisation.</param>
    /// <param name="Citizen">The pseudonym of a citizen; empty for others.</param>
    private readonly record struct Client(string Id, OrganisationKind Kind, string Citizen);
}
