using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BeschutWerk.Identity;

/// <summary>What happens between a request at the token endpoint and the signed token.</summary>
static class TokenRequests
{
    // 16 bytes is what the NL GOV OAuth profile asks of a jti (128 bits); a UUID has only 122 random ones.
    const int TokenIdBytes = 16;
    const string CitizenParameter = "citizen";
    const string MunicipalityParameter = "municipality";
    const string AuthenticatedClient = "beschutwerk:client";

    // RFC 1918 and RFC 4193.
    static readonly IPNetwork[] Private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7")];

    /// <summary>Without certificates the server speaks plain HTTP, which must not leave the machine: secrets would be readable.</summary>
    public static void RefuseRemotePlainHttp(ProcessRequestContext context, bool privateNetwork)
    {
        if (context.EndpointType is OpenIddictServerEndpointType.Unknown)
            return;
        var request = context.Transaction.GetHttpRequest()!;
        if (!MayCarrySecrets(request, privateNetwork))
            context.Reject(Errors.InvalidRequest, "This token server has no certificate: it answers nearby callers only.");
    }

    /// <summary>Whether a secret may travel with this request: over TLS, on this machine, or in a network that is only ours.</summary>
    public static bool MayCarrySecrets(HttpRequest request, bool privateNetwork) =>
        request.IsHttps || request.HttpContext.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address) || (privateNetwork && IsPrivate(address));

    private static bool IsPrivate(IPAddress address) =>
        Private.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    public static void Authenticate(ValidateTokenRequestContext context, Clients clients)
    {
        // Unknown client and wrong secret give one answer, so that client ids cannot be collected here.
        if (clients.Authenticate(context.ClientId, context.ClientSecret) is not { } client)
        {
            context.Reject(Errors.InvalidClient, "The client id or the client secret is not right.");
            return;
        }

        var (citizen, municipality) = ((string?)context.Request[CitizenParameter], (string?)context.Request[MunicipalityParameter]);
        if (!client.IsPortal && (citizen ?? municipality) is not null)
            context.Reject(Errors.InvalidRequest, "Only a citizens' portal may ask for the token of a citizen.");
        else if ((client.IsPortal ? client.ForCitizen(citizen, municipality) : client) is { } holder)
            context.Transaction.SetProperty(AuthenticatedClient, holder);
        else
            context.Reject(Errors.InvalidRequest, "A portal gets a token per citizen: citizen is a UUID in lower case, municipality GM and four digits.");
    }

    public static void SignIn(HandleTokenRequestContext context)
    {
        var client = context.Transaction.GetProperty<ClientRegistration>(AuthenticatedClient)
            ?? throw new InvalidOperationException("A token request was handled without its client being authenticated.");

        var identity = new ClaimsIdentity(authenticationType: "client_credentials");
        identity.SetClaim(Claims.Subject, client.ClientId);
        identity.SetClaim(Claims.AuthorizedParty, client.ClientId);
        identity.SetClaim(TokenClaims.OrganisationKind, IdentityJson.Name(client.Kind));
        identity.SetClaim(TokenClaims.OrganisationId, client.OrganisationId);
        // As one JSON value: repeated claims would turn into a plain string when there is only one code.
        identity.AddClaim(new Claim(TokenClaims.Municipalities, JsonSerializer.Serialize(client.Municipalities), JsonClaimValueTypes.JsonArray));
        identity.SetClaim(TokenClaims.MandatedBy, client.MandatedBy);
        identity.SetResources(ImmutableArray.Create(TokenClaims.Audience));
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    public static void SetTokenId(GenerateTokenContext context) =>
        context.SecurityTokenDescriptor.Claims[Claims.JwtId] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenIdBytes));
}
