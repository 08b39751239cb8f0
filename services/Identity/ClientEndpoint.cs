using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace BeschutWerk.Identity;

/// <summary>
/// What operators do to clients. They show their own client id and secret in a Basic header. <c>POST /clients</c> registers clients, or
/// updates what is registered of them: a JSON list of registrations (<c>client_id</c>, <c>kind</c>, <c>organisation_id</c>,
/// <c>name</c>, <c>municipalities</c> …); with <c>?renew=true</c> each gets a new secret. The answer is a list of <c>client_id</c>
/// and, where one was made, <c>client_secret</c>, which is told here and never again. <c>DELETE /clients/{id}</c> deletes a client: 204, or
/// 404. What is refused says why in <c>errors</c>, everything at once, and changes nothing.
/// </summary>
static class ClientEndpoint
{
    public const string Path = "/clients";

    const int MostClients = 1000, MostFaults = 100;
    const long MostBytes = 4 * 1024 * 1024;
    const string Reserved =
        "The token server itself makes the clients of services and the first operator: client_id and kind must be others.";

    static readonly JsonSerializerOptions Strict = new(IdentityJson.Format)
    {
        // A field whose name is misspelt must not silently be left out.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public static Task<IResult> RegisterAsync(HttpContext context, Clients clients, ClientLogin login) =>
        AsOperatorAsync(context, login, "registration", by => RegisterAsync(context, clients, by));

    public static Task<IResult> DeleteAsync(HttpContext context, string clientId, Clients clients, ClientLogin login) =>
        AsOperatorAsync(context, login, "deletion", by => Task.FromResult(Delete(clientId, clients, by)));

    static async Task<IResult> RegisterAsync(HttpContext context, Clients clients, ActedBy by)
    {
        string? asked = context.Request.Query["renew"];
        if (!bool.TryParse(asked ?? "false", out var renew)) throw Malformed("renew is true or false.");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostBytes;
        var wanted = await JsonSerializer.DeserializeAsync<List<ClientRegistration?>>(context.Request.Body, Strict, context.RequestAborted)
            ?? throw Malformed("The body is null; send a list.");
        if (wanted.Count > MostClients) throw Malformed($"A request holds at most {MostClients} clients.");
        var registrations = wanted.OfType<ClientRegistration>().ToList();
        var faults = Enumerable.Range(0, wanted.Count).Where(at => wanted[at] is null).Select(at => $"[{at}] is null.")
            .Concat(registrations.Where(IsReserved).Select(_ => Reserved)).Concat(Clients.FaultsOf(registrations)).ToArray();
        if (faults.Length > MostFaults) faults = [.. faults.Take(MostFaults), $"And {faults.Length - MostFaults} more."];
        if (faults.Length > 0) throw Malformed(faults);
        var registered = clients.RegisterAll(registrations, _ => renew, by);
        return Results.Json(
            registered.Select(client => new { client.Registration.ClientId, ClientSecret = client.NewSecret }), IdentityJson.Format);
    }

    static IResult Delete(string clientId, Clients clients, ActedBy by)
    {
        if (ServiceSecrets.IsReserved(clientId))
            throw new EndpointRefusal(
                StatusCodes.Status409Conflict,
                "The token server itself makes this client. Remove its secret's file and start the token server again: it gets a new one.");
        if (!clients.Delete(clientId, by)) throw new EndpointRefusal(StatusCodes.Status404NotFound, "There is no such client.");
        return Results.NoContent();
    }

    static bool IsReserved(ClientRegistration registration) =>
        registration.Kind == OrganisationKind.Service || ServiceSecrets.IsReserved(registration.ClientId);

    static EndpointRefusal Malformed(params string[] errors) => new(StatusCodes.Status400BadRequest, errors);

    static async Task<IResult> AsOperatorAsync(HttpContext context, ClientLogin login, string what, Func<ActedBy, Task<IResult>> act)
    {
        var address = context.Connection.RemoteIpAddress;
        TimeSpan? wait = null;
        if (ClientLogin.BasicOf(context.Request) is not var (clientId, secret) || login.Enter(clientId, secret, address, out wait) is not { } caller)
        {
            if (wait is { } left) return RequestGuard.WrongSecret(context, left);
            context.Response.Headers.WWWAuthenticate = "Basic";
            return Refused(StatusCodes.Status401Unauthorized, "Send the client id and the secret of an operator in a Basic header.");
        }
        var by = new ActedBy(caller.Registration.ClientId, address?.ToString());
        if (caller.Registration.Kind != OrganisationKind.Operator)
        {
            login.Refused(caller.Registration.ClientId, address, $"{what}: not an operator");
            return Refused(StatusCodes.Status403Forbidden, "Only an operator registers and deletes clients.");
        }
        try
        {
            return await act(by);
        }
        catch (EndpointRefusal refused)
        {
            return Told(refused.Status, refused.Errors);
        }
        catch (JsonException error)
        {
            return Told(StatusCodes.Status400BadRequest, error.Message);
        }
        catch (BadHttpRequestException error)
        {
            return Told(error.StatusCode, error.Message);
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Told(StatusCodes.Status503ServiceUnavailable, "It could not be stored: the disk is full, or cannot be written.");
        }

        IResult Told(int status, params string[] errors)
        {
            login.Refused(caller.Registration.ClientId, address, $"{what}: {status}, {errors.Length} faults");
            return Refused(status, errors);
        }
    }

    static IResult Refused(int status, params string[] errors) => Results.Json(new { errors }, IdentityJson.Format, statusCode: status);

    sealed class EndpointRefusal(int status, params string[] errors) : Exception
    {
        public int Status => status;

        public string[] Errors => errors;
    }
}
