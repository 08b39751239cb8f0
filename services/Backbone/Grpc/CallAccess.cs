using System.Globalization;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Who calls, and whether they may: before anything of the call's body is read, and before any store is touched. It also says of a
/// body that is no message that it is the caller's fault: gRPC itself calls that INTERNAL or UNKNOWN.
/// </summary>
public sealed class CallAccess(RequestDelegate next, TokenValidator tokens, ServiceRuntimes services, RefusedCalls refused)
{
    private const string StatusHeader = "grpc-status";
    private const string DetailsHeader = "grpc-status-details-bin";

    private static readonly object CallerKey = new();
    private static readonly object ReadKey = new();

    /// <summary>The caller of this call.</summary>
    public static Caller CallerOf(ServerCallContext context) => (Caller)context.UserState[CallerKey];

    /// <summary>The call was read: from here on who refuses it says why.</summary>
    internal static void NoteRead(ServerCallContext context) => context.UserState[ReadKey] = ReadKey;

    /// <summary>Serves one request.</summary>
    public Task InvokeAsync(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { } grpc
        ? ServeAsync(http, grpc.Method.FullName)
        : next(http);

    private async Task ServeAsync(HttpContext http, string method)
    {
        // Routing takes capitals and a slash at the end for the same method. Rules, keys and metrics know one name of each.
        if (http.Request.Path.Value != method)
        {
            Answer(http.Response, new RpcException(new Status(StatusCode.Unimplemented, "No such method.")));
            return;
        }

        if (Access.Knows(method) && await RefusalOfAsync(http, method) is { } refusal)
        {
            refused.Note(method, refusal.Reason);
            Answer(http.Response, refusal.ToRpcException());
            return;
        }

        await next(http);
        if (!http.Items.ContainsKey(ReadKey) && !http.RequestAborted.IsCancellationRequested) EndUnread(http.Response, method);
    }

    private async ValueTask<Refusal?> RefusalOfAsync(HttpContext http, string method)
    {
        try
        {
            var caller = await CallerOfAsync(http);
            if (caller is null) return Refusal.Of(ErrorReason.NotAuthenticated, "A valid access token is needed.");
            if (!Access.Allows(method, caller))
            {
                var who = caller.Is(OrganisationKind.Service) ? caller.Actor : Caller.KindName(caller.Kind);
                return Refusal.Of(ErrorReason.KindNotAllowed, $"{who} may not call {method}.");
            }

            http.Items[CallerKey] = caller;
            return services.SuspensionOf(caller, method);
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
    private void EndUnread(HttpResponse response, string method)
    {
        if (response.HasStarted || response.StatusCode != StatusCodes.Status200OK) return;
        if (!int.TryParse(response.Headers[StatusHeader].ToString(), CultureInfo.InvariantCulture, out var status)) return;
        var reason = response.Headers[DetailsHeader] is [{ } details] ? RefusalStatus.ReasonOf(details) : ErrorReason.MessageUnreadable;
        refused.Note(method, reason);
        if ((StatusCode)status is StatusCode.Internal or StatusCode.Unknown) Answer(response, Refusal.Unreadable().ToRpcException());
    }

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
