using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BeschutWerk.Identity;

/// <summary>The token server: OAuth 2.0 client credentials, signed JWT access tokens, nothing stored about a token.</summary>
public static class IdentityServer
{
    public const string TokenPath = "/connect/token";
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string KeysPath = "/.well-known/jwks";
    public const string RevokePath = "/connect/revoke";
    public const string RevocationsPath = "/revocations";

    /// <summary>Adds the token server and <see cref="Clients"/>. Reads the signing key, or makes it at the first start.</summary>
    /// <exception cref="ArgumentException">The issuer is plain HTTP on a host that is not this machine.</exception>
    /// <exception cref="InvalidDataException">A file in the data folder cannot be read.</exception>
    public static IServiceCollection AddIdentity(this IServiceCollection services, IdentityOptions options)
    {
        var plainHttp = options.Issuer.Scheme == Uri.UriSchemeHttp;
        if (plainHttp && !options.Issuer.IsLoopback && !options.PrivateNetwork)
            throw new ArgumentException(
                $"Issuer {options.Issuer} is plain HTTP. Configure a certificate and write https://, use a loopback host such as http://localhost:5180/, or say Identity__PrivateNetwork=true where the network is only ours.",
                nameof(options));

        PrivateFile.CreateFolder(options.DataFolder);
        var key = SigningKey.LoadOrCreate(options.DataFolder);
        var citizens = new CitizenBindings(options);
        var clients = new Clients(options, citizens);
        services.AddSingleton(options);
        services.AddSingleton(key);
        // Made here, so that a file that cannot be read stops the start; by a function, so that it is closed at the end.
        services.AddSingleton(_ => citizens);
        services.AddSingleton(_ => clients);
        services.AddSingleton<ClientLogin>();
        services.AddSingleton<TokenLimit>();
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = RequestGuard.TimeOf(options));

        services.AddOpenIddict().AddServer(server =>
        {
            server.SetIssuer(options.Issuer)
                .SetTokenEndpointUris(TokenPath)
                .SetConfigurationEndpointUris(DiscoveryPath)
                .SetJsonWebKeySetEndpointUris(KeysPath)
                .AllowClientCredentialsFlow()
                .SetAccessTokenLifetime(options.TokenLifetime)
                .AddSigningKey(key)
                // Required by OpenIddict, used for nothing here: access tokens are read by every service, so they are signed only.
                .AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)))
                .DisableAccessTokenEncryption()
                .DisableTokenStorage()
                // No database of applications and tokens: the handlers below decide, from clients.json.
                .EnableDegradedMode()
                .Configure(configuration =>
                {
                    configuration.TimeProvider = options.Clock;
                    // The discovery document should promise only what a client can use here.
                    configuration.ClientAuthenticationMethods.Remove(ClientAuthenticationMethods.PrivateKeyJwt);
                    configuration.Scopes.Clear();
                    configuration.PromptValues.Clear();
                });

            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler
                .UseInlineHandler(context => TokenRequests.AuthenticateAsync(context)));
            server.AddEventHandler<HandleTokenRequestContext>(handler => handler
                .UseInlineHandler(context => { TokenRequests.SignIn(context); return default; }));
            server.AddEventHandler<GenerateTokenContext>(handler => handler
                .UseInlineHandler(context => { TokenRequests.SetTokenId(context); return default; })
                .SetOrder(OpenIddictServerHandlers.Protection.AttachTokenMetadata.Descriptor.Order + 1));

            server.AddEventHandler<ApplyTokenResponseContext>(handler => handler
                .UseInlineHandler(context => { TokenRequests.SetStatus(context); return default; })
                .SetOrder(OpenIddictServerAspNetCoreHandlers.AttachHttpResponseCode<ApplyTokenResponseContext>.Descriptor.Order + 1));

            server.AddEventHandler<HandleConfigurationRequestContext>(handler => handler
                .UseInlineHandler(context => { TellAddresses(context, options.Issuer); return default; })
                .SetOrder(OpenIddictServerHandlers.Discovery.AttachEndpoints.Descriptor.Order + 1));

            var hosting = server.UseAspNetCore();
            // Without a certificate TLS would protect nothing; RequestGuard refuses what comes from further away than configured.
            if (plainHttp) hosting.DisableTransportSecurityRequirement();
        });
        return services;
    }

    /// <summary>Serves the token endpoint, discovery document, public keys, registration of clients and what was taken back.</summary>
    public static WebApplication MapIdentity(this WebApplication app)
    {
        // OpenIddict answers inside the authentication middleware, which ASP.NET Core would put before every request; that
        // costs each gRPC call about 9 µs and 4 KB (measured). This mark, the one UseAuthentication sets, tells it not to.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        var options = app.Services.GetRequiredService<IdentityOptions>();
        app.UseWhen(
            context => IsOurs(context.Request.Path),
            branch => branch.UseRequestTimeouts().Use((context, next) => RequestGuard.PassAsync(context, next, options)));
        app.UseWhen(context => context.Request.Path.Value is TokenPath or DiscoveryPath or KeysPath, branch => branch.UseAuthentication());
        app.MapPost(ClientEndpoint.Path, ClientEndpoint.RegisterAsync);
        app.MapDelete(ClientEndpoint.Path + "/{clientId}", ClientEndpoint.DeleteAsync);
        app.MapPost(RevokePath, RevocationEndpoint.RevokeAsync);
        app.MapGet(RevocationsPath, RevocationEndpoint.List);
        return app;
    }

    /// <summary>By the first part and in any case, as routing has it: nothing of ours may pass beside the guard.</summary>
    private static bool IsOurs(PathString path) =>
        path.StartsWithSegments("/connect") || path.StartsWithSegments("/.well-known") || path.StartsWithSegments(ClientEndpoint.Path)
        || path.StartsWithSegments(RevocationsPath);

    /// <summary>The addresses are those of the issuer: a caller's Host header must not lead others elsewhere.</summary>
    private static void TellAddresses(HandleConfigurationRequestContext context, Uri issuer)
    {
        var root = issuer.AbsoluteUri.TrimEnd('/');
        context.TokenEndpoint = new Uri(root + TokenPath);
        context.JsonWebKeySetEndpoint = new Uri(root + KeysPath);
        context.RevocationEndpoint = new Uri(root + RevokePath);
        context.RevocationEndpointAuthenticationMethods.Add(ClientAuthenticationMethods.ClientSecretBasic);
        context.RevocationEndpointAuthenticationMethods.Add(ClientAuthenticationMethods.ClientSecretPost);
    }
}
