using System.Globalization;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Who calls, and whether they may: before anything of the call's body is read, and before any store is touched. It also says of a
/// body that is no message, or does not come, that it is the caller's fault: gRPC itself calls that INTERNAL or UNKNOWN.
/// </summary>
public sealed class CallAccess(
    RequestDelegate next, TokenValidator tokens, ServiceRuntimes services, RefusedCalls refused, LimitOptions options, CallLimits limits,
    AddressLimits addresses)
{
    private const string StatusHeader = "grpc-status";
    private const string DetailsHeader = "grpc-status-details-bin";

    private readonly Func<OpenCall, long, RateLimitLease?> _roomFor = (call, bytes) => call.Caller is { } caller
        ? limits.FindRoom(caller, bytes)
        : AddressLimits.RequireShort(bytes);

    /// <summary>The caller of this call.</summary>
    public static Caller CallerOf(ServerCallContext context) => OpenCall.Of(context).Caller!;

    /// <summary>Serves one request.</summary>
    public Task InvokeAsync(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { } grpc
        ? ServeAsync(http, grpc.Method.FullName, grpc.Method.Type)
        : next(http);

    private async Task ServeAsync(HttpContext http, string method, MethodType type)
    {
        // Routing takes capitals and a slash at the end for the same method. Rules, keys and metrics know one name of each.
        if (http.Request.Path.Value != method)
        {
            Answer(http.Response, new RpcException(new Status(StatusCode.Unimplemented, "No such method.")));
            return;
        }

        // What is compressed may be a thousand times as long once it is read, before anybody could count it.
        if (http.Request.Headers["grpc-encoding"] is [{ } encoding, ..] && encoding != "identity")
        {
            http.Response.Headers["grpc-accept-encoding"] = "identity";
            Answer(http.Response, new RpcException(new Status(StatusCode.Unimplemented, "Messages are not compressed here.")));
            return;
        }

        using var call = OpenCall.Of(http);
        if (await RefusalOfAsync(http, call, method, type) is { } refusal)
        {
            refused.Note(method, refusal.Reason);
            Answer(http.Response, refusal.ToRpcException());
            return;
        }

        call.Expect(options.MessageWithin, type is MethodType.Unary or MethodType.ServerStreaming, _roomFor);
        await next(http);
        if (!call.IsRead && !http.RequestAborted.IsCancellationRequested) EndUnread(http.Response, call, method);
    }

    private async ValueTask<Refusal?> RefusalOfAsync(HttpContext http, OpenCall call, string method, MethodType type)
    {
        try
        {
            if (!Access.Knows(method))
            {
                call.Keep(addresses.BeginWithoutToken(http.Connection.RemoteIpAddress));
                return null;
            }

            var caller = await CallerOfAsync(http);
            if (caller is null) return Refusal.Of(ErrorReason.NotAuthenticated, "A valid access token is needed.");
            if (!Access.Allows(method, caller))
            {
                var who = caller.Is(OrganisationKind.Service) ? caller.Actor : Caller.KindName(caller.Kind);
                return Refusal.Of(ErrorReason.KindNotAllowed, $"{who} may not call {method}.");
            }

            call.Caller = caller;
            if (services.SuspensionOf(caller, method) is { } suspended) return suspended;
            call.Keep(limits.Begin(caller, type));
            return null;
        }
        catch (RefusalException cannotSay)
        {
            return cannotSay.Refusal;
        }
    }

    private ValueTask<Caller?> CallerOfAsync(HttpContext http)
    {
        const string scheme = "Bearer ";
        string? header = http.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return ValueTask.FromResult<Caller?>(null);
        return tokens.Known(header.AsSpan(scheme.Length)) is { } known
            ? ValueTask.FromResult<Caller?>(known)
            : tokens.ValidateAsync(header[scheme.Length..]);
    }

    /// <summary>The call ended before it was read, so that nobody but gRPC has said why.</summary>
    private void EndUnread(HttpResponse response, OpenCall call, string method)
    {
        if (response.HasStarted || response.StatusCode != StatusCodes.Status200OK) return;
        if (!int.TryParse(response.Headers[StatusHeader].ToString(), CultureInfo.InvariantCulture, out var status)) return;
        if (response.Headers[DetailsHeader] is [{ } details])
        {
            refused.Note(method, RefusalStatus.ReasonOf(details));
            return;
        }

        var refusal = UnreadOf(call, (StatusCode)status);
        refused.Note(method, refusal.Reason);
        if ((StatusCode)status is StatusCode.Internal or StatusCode.Unknown or StatusCode.ResourceExhausted)
            Answer(response, refusal.ToRpcException());
    }

    /// <summary>Why a message could not be read, of which gRPC has told only the status.</summary>
    internal static Refusal UnreadOf(OpenCall call, StatusCode status) =>
        call.Halted ?? (status == StatusCode.ResourceExhausted ? Refusal.TooLarge() : Refusal.Unreadable());

    /// <summary>Ends a call without a message: gRPC then takes its status from the headers.</summary>
    private static void Answer(HttpResponse response, RpcException refusal)
    {
        response.ContentType = "application/grpc";
        response.Headers[StatusHeader] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail);
        foreach (var entry in refusal.Trailers)
        {
            response.Headers[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }
    }
}
