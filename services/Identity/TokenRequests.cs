using System.Buffers.Text;
using System.Collections.Immutable;
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

    public static void Authenticate(ValidateTokenRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var (login, address) = (http.RequestServices.GetRequiredService<ClientLogin>(), http.Connection.RemoteIpAddress);
        // Unknown client and wrong secret give one answer, so that client ids cannot be collected here.
        if (login.Enter(context.ClientId, context.ClientSecret, address) is not { Registration: var client } stored)
        {
            context.Reject(Errors.InvalidClient, "The client id or the client secret is not right.");
            return;
        }

        var (citizen, municipality) = ((string?)context.Request[CitizenParameter], (string?)context.Request[MunicipalityParameter]);
        var isOfCitizen = (citizen ?? municipality) is not null;
        var holder = client.IsPortal ? client.ForCitizen(citizen, municipality) : isOfCitizen ? null : client;
        if (holder is not null)
        {
            context.Transaction.SetProperty(AuthenticatedClient, stored with { Registration = holder });
            return;
        }
        login.Refused(client.ClientId, address, "token of a citizen: citizen or municipality is not as it must be", mayTryAgain: true);
        context.Reject(Errors.InvalidRequest, client.IsPortal
            ? "A portal gets a token per citizen: citizen is a UUID in lower case, municipality GM and four digits."
            : "Only a citizens' portal may ask for the token of a citizen.");
    }

    public static void SignIn(HandleTokenRequestContext context)
    {
        var stored = context.Transaction.GetProperty<StoredClient>(AuthenticatedClient)
            ?? throw new InvalidOperationException("A token request was handled without its client being authenticated.");
        var client = stored.Registration;

        var identity = new ClaimsIdentity(authenticationType: "client_credentials");
        identity.SetClaim(Claims.Subject, client.ClientId);
        identity.SetClaim(Claims.AuthorizedParty, client.ClientId);
        identity.SetClaim(TokenClaims.OrganisationKind, IdentityJson.Name(client.Kind));
        identity.SetClaim(TokenClaims.OrganisationId, client.OrganisationId);
        // As one JSON value: repeated claims would turn into a plain string when there is only one code.
        identity.AddClaim(new Claim(TokenClaims.Municipalities, JsonSerializer.Serialize(client.Municipalities), JsonClaimValueTypes.JsonArray));
        identity.SetClaim(TokenClaims.MandatedBy, client.MandatedBy);
        identity.AddClaim(new Claim(TokenClaims.ClientVersion, $"{stored.Version}", ClaimValueTypes.Integer64));
        identity.SetResources(ImmutableArray.Create(TokenClaims.Audience));
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    public static void SetTokenId(GenerateTokenContext context) =>
        context.SecurityTokenDescriptor.Claims[Claims.JwtId] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenIdBytes));
}
