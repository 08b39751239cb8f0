using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace BeschutWerk.Identity;

/// <summary>
/// <c>POST /clients</c>: an operator registers clients, or updates what is registered of them. He shows his own client id and
/// secret in a Basic header and sends a JSON list of registrations (<c>client_id</c>, <c>kind</c>, <c>organisation_id</c>,
/// <c>name</c>, <c>municipalities</c> …); with <c>?renew=true</c> each gets a new secret. The answer is a list of <c>client_id</c>
/// and, where one was made, <c>client_secret</c>, which is told here and never again.
/// </summary>
static class ClientEndpoint
{
    public const string Path = "/clients";

    public static async Task<IResult> RegisterAsync(HttpContext context, Clients clients, IdentityOptions options, bool renew = false)
    {
        if (!TokenRequests.MayCarrySecrets(context.Request, options.PrivateNetwork)) return Refused(StatusCodes.Status400BadRequest, ["This token server has no certificate: it answers nearby callers only."]);
        if (Authenticate(context.Request, clients) is not { } caller)
        {
            context.Response.Headers.WWWAuthenticate = "Basic";
            return Refused(StatusCodes.Status401Unauthorized, ["Send the client id and the secret of an operator in a Basic header."]);
        }

        if (caller.Kind != OrganisationKind.Operator) return Refused(StatusCodes.Status403Forbidden, ["Only an operator registers clients."]);
        try
        {
            var wanted = await JsonSerializer.DeserializeAsync<List<ClientRegistration>>(context.Request.Body, IdentityJson.Format, context.RequestAborted) ?? [];
            var faults = wanted.SelectMany(Faults).ToList();
            if (faults.Count > 0) return Refused(StatusCodes.Status400BadRequest, faults);
            var registered = clients.RegisterAll(wanted, _ => renew);
            return Results.Json(registered.Select(client => new { client.Registration.ClientId, ClientSecret = client.NewSecret }), IdentityJson.Format);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return Refused(StatusCodes.Status400BadRequest, [error.Message]);
        }
    }

    private static IEnumerable<string> Faults(ClientRegistration registration)
    {
        try
        {
            registration.Check();
            return [];
        }
        catch (ArgumentException error)
        {
            return [error.Message];
        }
    }

    private static ClientRegistration? Authenticate(HttpRequest request, Clients clients)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Scheme != "Basic") return null;
        var credentials = new byte[header.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(header.Parameter ?? "", credentials, out var length)) return null;
        var parts = Encoding.UTF8.GetString(credentials, 0, length).Split(':', 2);
        return parts.Length == 2 ? clients.Authenticate(parts[0], parts[1]) : null;
    }

    private static IResult Refused(int status, IReadOnlyList<string> errors) => Results.Json(new { errors }, IdentityJson.Format, statusCode: status);
}
