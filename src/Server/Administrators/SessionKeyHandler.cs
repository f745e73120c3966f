using System.Security.Claims;
using System.Text.Encodings.Web;
using Halley.Server.Access;
using Halley.Server.Administrators.Tokens;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Halley.Server.Administrators;

/// <summary>Session keys and API tokens as <c>Authorization: Bearer</c>.</summary>
internal sealed class SessionKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IEnumerable<ISessionKind> kinds,
    ApiTokenActions tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(SchemeName + " ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var credential = header[(SchemeName.Length + 1)..].Trim();
        var client = Context.Connection.RemoteIpAddress;
        if (credential.StartsWith(ApiTokenActions.Prefix, StringComparison.Ordinal))
        {
            return await tokens.UseAsync(credential, client, Context.RequestAborted) is var (administrator, token)
                ? Succeed(administrator.ToPrincipal(
                    SchemeName,
                    [
                        new Claim(TokenScopes.Claim, token.Scopes), new Claim(TokenScopes.TokenClaim, token.Id.ToString()),
                        .. TokenScopes.ShowSecrets(token.Scopes) ? Array.Empty<Claim>() : [new Claim(CallerKind.NoSecrets, "")],
                    ]))
                : AuthenticateResult.Fail("The API token is unknown or has expired.");
        }

        foreach (var kind in kinds)
        {
            if (await kind.UseAsync(credential, client, SchemeName, Context.RequestAborted) is { } caller)
            {
                return Succeed(caller);
            }
        }

        return AuthenticateResult.Fail("The session key is unknown or its session has ended.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers[HeaderNames.WWWAuthenticate] = SchemeName;
        return Task.CompletedTask;
    }

    private static AuthenticateResult Succeed(ClaimsPrincipal principal) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
}
