using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore;
using Microsoft.Extensions.Logging;
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
    const string NamedPerson = "beschutwerk:person";

    public static async ValueTask AuthenticateAsync(ValidateTokenRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var (login, address) = (http.RequestServices.GetRequiredService<ClientLogin>(), http.Connection.RemoteIpAddress);
        // Unknown client and wrong secret give one answer, so that client ids cannot be collected here.
        if (login.Enter(context.ClientId, context.ClientSecret, address, out var wait) is not { Registration: var client } stored)
        {
            if (wait is { } left) LetWait(context, left, RequestGuard.WrongSecrets);
            else context.Reject(Errors.InvalidClient, "The client id or the client secret is not right.");
            return;
        }
        // Before anything is bound or signed, and not before the secret: nobody uses up what is another client's.
        if (http.RequestServices.GetRequiredService<TokenLimit>().Take(client) is { } tooSoon)
        {
            LetWait(context, tooSoon, $"The limit {TokenLimit.Setting} is reached. Wait as Retry-After says.");
            return;
        }

        var (citizen, municipality) = ((string?)context.Request[CitizenParameter], (string?)context.Request[MunicipalityParameter]);
        var bsn = RequestGuard.BsnOf(http);
        if (client.IsPortal)
        {
            if (client.ForCitizen(citizen, municipality) is { } holder && bsn is not null && ClientRegistration.IsBsn(bsn))
                await BindAsync(context, stored with { Registration = holder }, bsn);
            else
                RefuseFields("A portal gets a token per citizen: citizen is a UUID in lower case, municipality GM and four digits, bsn the citizen "
                    + "service number of who logged in: nine digits that pass the eleven-test.");
        }
        else if ((citizen ?? municipality ?? bsn) is not null || client.Kind == OrganisationKind.Citizen)
        {
            RefuseFields("Only a citizens' portal may ask for the token of a citizen.");
        }
        else
        {
            context.Transaction.SetProperty(AuthenticatedClient, stored);
        }

        void RefuseFields(string description)
        {
            login.Refused(client.ClientId, address, "token of a citizen: citizen, municipality or bsn is not as it must be");
            context.Reject(Errors.InvalidRequest, description);
        }
    }

    /// <summary>Who speaks for a citizen: the pseudonym stands for one person, from the first token on.</summary>
    static async ValueTask BindAsync(ValidateTokenRequestContext context, StoredClient holder, string bsn)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var services = http.RequestServices;
        var (login, citizens) = (services.GetRequiredService<ClientLogin>(), services.GetRequiredService<CitizenBindings>());
        var (client, citizen, address) = (holder.Registration.ClientId, holder.Registration.OrganisationId, http.Connection.RemoteIpAddress);
        if (login.WaitOfCitizen(citizen) is { } wait)
        {
            LetWait(context, wait, "Too many other persons were named for this citizen. Wait as Retry-After says.");
            return;
        }

        var person = citizens.HashOf(bsn);
        try
        {
            var by = new ActedBy(client, address?.ToString());
            if (!await citizens.IsOfAsync(citizen, person, by, services.GetRequiredService<Clients>().Audit))
            {
                login.RefusedPerson(client, address, citizen);
                context.Reject(Errors.AccessDenied, "This citizen is bound to another person since their first token. A pseudonym stands for one person.");
                return;
            }
        }
        catch (IOException error)
        {
            services.GetRequiredService<ILogger<CitizenBindings>>().LogError(
                "{File} cannot be written: {Fault}", CitizenBindings.FileName, error.Message);
            context.Reject(Errors.TemporarilyUnavailable, "The token server cannot write down who the citizen is now. Try again later.");
            return;
        }
        context.Transaction.SetProperty(AuthenticatedClient, holder);
        context.Transaction.SetProperty(NamedPerson, Base64Url.EncodeToString(person));
    }

    static void LetWait(ValidateTokenRequestContext context, TimeSpan wait, string why)
    {
        RequestGuard.TellWait(context.Transaction.GetHttpRequest()!.HttpContext, wait);
        context.Reject(RequestGuard.SlowDown, why);
    }

    /// <summary>What OAuth 2.0 answers with 400 for want of more words.</summary>
    public static void SetStatus(ApplyTokenResponseContext context)
    {
        var response = context.Transaction.GetHttpRequest()!.HttpContext.Response;
        response.StatusCode = context.Error switch
        {
            RequestGuard.SlowDown => StatusCodes.Status429TooManyRequests,
            Errors.AccessDenied => StatusCodes.Status403Forbidden,
            Errors.TemporarilyUnavailable => StatusCodes.Status503ServiceUnavailable,
            _ => response.StatusCode,
        };
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
        identity.SetClaim(TokenClaims.Person, context.Transaction.GetProperty<string>(NamedPerson));
        identity.SetClaim(TokenClaims.MandatedBy, client.MandatedBy);
        identity.AddClaim(new Claim(TokenClaims.ClientVersion, $"{stored.Version}", ClaimValueTypes.Integer64));
        identity.SetResources(ImmutableArray.Create(TokenClaims.Audience));
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    public static void SetTokenId(GenerateTokenContext context) =>
        context.SecurityTokenDescriptor.Claims[Claims.JwtId] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenIdBytes));
}
