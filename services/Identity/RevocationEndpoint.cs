using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BeschutWerk.Identity;

/// <summary>
/// Takes tokens back before they end. <c>POST /connect/revoke</c> is RFC 7009: a client takes one of its own back, an operator anybody's.
/// <c>GET /revocations</c> is the list that services read every few seconds: which tokens not to take any more.
/// </summary>
static class RevocationEndpoint
{
    /// <summary>How long after its end a token stays in the list: services take it for half a minute after that.</summary>
    static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    static readonly JsonWebTokenHandler Tokens = new() { MapInboundClaims = false };

    public static IResult List(Clients clients) => Results.Json(clients.Revocations(), IdentityJson.Format);

    public static async Task RevokeAsync(
        HttpContext context, Clients clients, ClientLogin login, IdentityOptions options, RsaSecurityKey key)
    {
        var isForm = RequestGuard.HoldsForm(context.Request);
        var form = isForm ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var basic = ClientLogin.BasicOf(context.Request);
        var (clientId, secret) = basic is null ? ((string?)form["client_id"], (string?)form["client_secret"]) : basic.Value;
        var address = context.Connection.RemoteIpAddress;
        if (login.Enter(clientId, secret, address, out var wait) is not { Registration: var caller })
        {
            if (wait is { } left)
            {
                await RequestGuard.WrongSecret(context, left).ExecuteAsync(context);
                return;
            }
            context.Response.Headers.WWWAuthenticate = "Basic";
            await RequestGuard.RefuseAsync(
                context, StatusCodes.Status401Unauthorized, "invalid_client", "The client id or the client secret is not right.");
            return;
        }
        if ((string?)form["token"] is not { Length: > 0 } token)
        {
            await RequestGuard.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", "token is missing.");
            return;
        }
        // One that is no token of this server, or has ended, cannot be used: nothing to do (RFC 7009, 2.2).
        if (await ReadAsync(token, options, key) is not { } read) return;
        var owner = read.GetPayloadValue<string>("client_id");
        if (owner != caller.ClientId && caller.Kind != OrganisationKind.Operator)
        {
            login.Refused(caller.ClientId, address, "revocation: the token of another client");
            await RequestGuard.RefuseAsync(
                context, StatusCodes.Status400BadRequest, "unauthorized_client", "It is the token of another client.");
            return;
        }
        var revoked = new RevokedToken(read.Id, new DateTimeOffset(read.ValidTo, TimeSpan.Zero) + Margin);
        try
        {
            if (clients.Revoke(owner, revoked, new ActedBy(caller.ClientId, address?.ToString()))) return;
            await RequestGuard.RefuseAsync(
                context, StatusCodes.Status400BadRequest, "invalid_request",
                $"{Clients.MostRevokedTokens} tokens of this client were taken back. Renew its secret: that takes all of them back.");
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await RequestGuard.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable",
                "It could not be stored: the disk is full, or cannot be written.");
        }
    }

    static async Task<JsonWebToken?> ReadAsync(string token, IdentityOptions options, RsaSecurityKey key)
    {
        var result = await Tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = options.Issuer.AbsoluteUri,
            ValidAudience = TokenClaims.Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            LifetimeValidator = (_, end, _, _) => end > options.Clock.GetUtcNow().UtcDateTime - Margin,
        });
        return result.IsValid ? (JsonWebToken)result.SecurityToken : null;
    }
}
