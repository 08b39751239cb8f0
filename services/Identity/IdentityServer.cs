using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BeschutWerk.Identity;

/// <summary>The token server: OAuth 2.0 client credentials, signed JWT access tokens, nothing stored about a token.</summary>
public static class IdentityServer
{
    public const string TokenPath = "/connect/token";
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string KeysPath = "/.well-known/jwks";

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
        var clients = new Clients(options.DataFolder);
        services.AddSingleton(options);
        services.AddSingleton(clients);

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
                .UseInlineHandler(context => { TokenRequests.Authenticate(context, clients); return default; }));
            server.AddEventHandler<HandleTokenRequestContext>(handler => handler
                .UseInlineHandler(context => { TokenRequests.SignIn(context); return default; }));
            server.AddEventHandler<GenerateTokenContext>(handler => handler
                .UseInlineHandler(context => { TokenRequests.SetTokenId(context); return default; })
                .SetOrder(OpenIddictServerHandlers.Protection.AttachTokenMetadata.Descriptor.Order + 1));

            var hosting = server.UseAspNetCore();
            if (plainHttp)
            {
                // Without certificates TLS would protect nothing; what comes from further away than configured is refused.
                hosting.DisableTransportSecurityRequirement();
                server.AddEventHandler<ProcessRequestContext>(handler => handler
                    .UseInlineHandler(context => { TokenRequests.RefuseRemotePlainHttp(context, options.PrivateNetwork); return default; })
                    .SetOrder(OpenIddictServerHandlers.InferEndpointType.Descriptor.Order + 1));
            }
        });
        return services;
    }

    /// <summary>Serves the token endpoint, the discovery document, the public keys and the registration of clients.</summary>
    public static WebApplication MapIdentity(this WebApplication app)
    {
        // OpenIddict answers inside the authentication middleware, which ASP.NET Core would put before every request; that
        // costs each gRPC call about 9 µs and 4 KB (measured). This mark, the one UseAuthentication sets, tells it not to.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseWhen(context => context.Request.Path.Value is TokenPath or DiscoveryPath or KeysPath, branch => branch.UseAuthentication());
        app.MapPost(ClientEndpoint.Path, ClientEndpoint.RegisterAsync);
        return app;
    }
}
