using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Primitives;

namespace BeschutWerk.Identity;

/// <summary>
/// What every request to the token server passes first: secrets travel safely, and a form can be read. What is refused here is told as
/// OAuth 2.0 tells it: <c>error</c> and <c>error_description</c>.
/// </summary>
static class RequestGuard
{
    /// <summary>A form has a few short fields; the longest is a token that is to be taken back.</summary>
    static readonly FormOptions Limits = new() { ValueCountLimit = 20, KeyLengthLimit = 100, ValueLengthLimit = 16 * 1024 };

    const string BsnField = "bsn";

    /// <summary>OAuth 2.0 has no word for it; RFC 8628 has, for who must wait.</summary>
    public const string SlowDown = "slow_down";

    public const string WrongSecrets = "Too many wrong secrets of this client from this address. Wait as Retry-After says.";

    static readonly object BsnKey = new();

    /// <summary>In bytes; Kestrel keeps more than that of what is not read yet.</summary>
    const long LongestForm = 512 * 1024;

    // RFC 1918 and RFC 4193.
    static readonly IPNetwork[] Private =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7")];

    /// <summary>A request that does not arrive in time is ended: it would keep its connection for as long as its sender likes.</summary>
    public static RequestTimeoutPolicy TimeOf(IdentityOptions options) => new()
    {
        Timeout = options.RequestWithin, TimeoutStatusCode = StatusCodes.Status408RequestTimeout,
        WriteTimeoutResponse = context =>
        {
            // It is what ended the request; an answer that is written with it would break the connection before it is sent.
            context.RequestAborted = CancellationToken.None;
            return RefuseAsync(
                context, StatusCodes.Status408RequestTimeout, "invalid_request",
                $"The request did not arrive within {options.RequestWithin.TotalSeconds:0.###} seconds.");
        },
    };

    public static async Task PassAsync(HttpContext context, RequestDelegate next, IdentityOptions options)
    {
        if (!MayCarrySecrets(context, options))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", options.Issuer.Scheme == Uri.UriSchemeHttps
                ? "This token server is reached over https only."
                : "This token server has no certificate: it answers nearby callers only.");
            return;
        }
        // Only where a form is expected: elsewhere curl's default content type says so of anything.
        if (context.Request.Path.StartsWithSegments("/connect") && HoldsForm(context.Request))
        {
            context.Features.Set<IFormFeature>(new FormFeature(context.Request, Limits));
            try
            {
                await ArriveAsync(context);
                var form = await context.Request.ReadFormAsync(context.RequestAborted);
                if (FaultOf(form) is { } fault)
                {
                    await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", fault);
                    return;
                }
                TakeBsnOut(context, form);
            }
            catch (InvalidDataException error)
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", error.Message);
                return;
            }
            catch (BadHttpRequestException error)
            {
                await RefuseAsync(context, error.StatusCode, "invalid_request", error.Message);
                return;
            }
        }
        await next(context);
    }

    /// <summary>The BSN that a token request named; null for none.</summary>
    public static string? BsnOf(HttpContext context) => context.Items.TryGetValue(BsnKey, out var bsn) ? (string)bsn! : null;

    public static Task RefuseAsync(HttpContext context, int status, string error, string description) =>
        Refusal(status, error, description).ExecuteAsync(context);

    /// <summary>What whoever sent a wrong secret is answered while they must wait.</summary>
    public static IResult WrongSecret(HttpContext context, TimeSpan wait)
    {
        TellWait(context, wait);
        return Refusal(StatusCodes.Status429TooManyRequests, SlowDown, WrongSecrets);
    }

    /// <summary>Says how long to wait.</summary>
    public static void TellWait(HttpContext context, TimeSpan wait) =>
        context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";

    /// <summary>Whether the body is a form as OAuth 2.0 has it.</summary>
    public static bool HoldsForm(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>What reads the form behind this logs requests, whole, where an operator wants to see more: it must not see a BSN.</summary>
    static void TakeBsnOut(HttpContext context, IFormCollection form)
    {
        var fields = new Dictionary<string, StringValues>(form, StringComparer.OrdinalIgnoreCase);
        if (!fields.Remove(BsnField, out var bsn)) return;
        context.Items[BsnKey] = bsn.ToString();
        context.Features.Set<IFormFeature>(new FormFeature(new FormCollection(fields)));
    }

    /// <summary>
    /// Waits until the form is here. Who reads a form that is still coming breaks the connection when its time is over, and nobody is told.
    /// </summary>
    static async Task ArriveAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            // What is longer than any form is refused by who reads it.
            if (read.IsCompleted || read.Buffer.Length > LongestForm) return;
        }
    }

    /// <summary>
    /// Whether a secret may travel with this request: over TLS, or without a certificate on this machine or in a network that is only ours.
    /// </summary>
    static bool MayCarrySecrets(HttpContext context, IdentityOptions options)
    {
        if (context.Request.IsHttps) return true;
        if (options.Issuer.Scheme == Uri.UriSchemeHttps) return false;
        if (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address)) return true;
        return options.PrivateNetwork && IsPrivate(address);
    }

    static bool IsPrivate(IPAddress address) =>
        Private.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    static IResult Refusal(int status, string error, string description) =>
        Results.Json(new { Error = error, ErrorDescription = description }, IdentityJson.Format, statusCode: status);

    static string? FaultOf(IFormCollection form)
    {
        foreach (var (name, values) in form)
        {
            var field = ClientRegistration.IsClientId(name) ? name : "A field whose name is not one";
            if (values.Count > 1) return $"{field} occurs {values.Count} times.";
            if (name.Any(char.IsControl) || values.ToString().Any(char.IsControl)) return $"{field} holds a control character.";
        }
        return null;
    }
}
