using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Accounts;

namespace Halley.Server.CometApi;

/// <summary>Who calls, an administrator or a user, or why he is refused: only one of them is not null.</summary>
internal sealed record CometCaller(AdministratorIdentity? Administrator, CometApiResponseMessage? Refusal, AccountIdentity? Account = null)
{
    public static CometCaller Of(AdministratorIdentity? administrator) => new(administrator, administrator is null ? CometErrors.Unauthorised : null);

    public static CometCaller Refuse(CometApiResponseMessage refusal) => new(null, refusal);
}

/// <summary>
/// Checks the credentials that come with every call, as fields or as headers. Most of the vendor's clients send the password each time;
/// that it costs little is the business of the credential cache.
/// </summary>
internal sealed class CometSignIn(AdministratorAccess access, AdministratorSessions sessions)
{
    public async Task<CometCaller> CheckAsync(CometForm form, HttpContext context)
    {
        string Field(string name) =>
            form.Text(name) is { Length: > 0 } text ? text : context.Request.Headers[CometCredentials.HeaderPrefix + name].ToString();

        var username = Field(CometCredentials.Username);
        switch (Field(CometCredentials.AuthType))
        {
            case CometCredentials.Password:
                return await CheckPasswordAsync(username, Field(CometCredentials.Password), context);
            case CometCredentials.SessionKey:
                var caller = await sessions.UseAsync(Field(CometCredentials.SessionKey), context.Connection.RemoteIpAddress, context.RequestAborted);
                return caller is not null && string.Equals(caller.Username, username, StringComparison.OrdinalIgnoreCase)
                    ? new CometCaller(caller, null)
                    : new CometCaller(null, CometErrors.Unauthorised);
            case "":
                return new CometCaller(null, CometErrors.Unauthorised);
            default:
                return new CometCaller(null, CometErrors.BadField(
                    CometCredentials.AuthType, "must be Password or SessionKey: two-factor sign-in is not set up on this server"));
        }
    }

    private async Task<CometCaller> CheckPasswordAsync(string username, string password, HttpContext context)
    {
        var signIn = await access.SignInWithPasswordAsync(username, password, context.Connection.RemoteIpAddress, context.RequestAborted);
        return signIn switch
        {
            { Administrator: { } administrator } => new CometCaller(AdministratorIdentity.Of(administrator), null),
            { Result: SignInResult.Busy } => new CometCaller(null, CometErrors.Busy),
            _ => new CometCaller(null, CometErrors.Unauthorised),
        };
    }
}
