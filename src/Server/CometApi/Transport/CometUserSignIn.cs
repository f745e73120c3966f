using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;

namespace Halley.Server.CometApi.Transport;

/// <summary>Checks the credentials of users, which are sent with every call like those of administrators.</summary>
internal sealed class CometUserSignIn(AccountAccess access, AccountSessions sessions)
{
    /// <summary>
    /// How users sign in; while their password must be changed, only calls with <paramref name="beforePasswordChange"/> are open.
    /// </summary>
    public static CometSignInRule Rule(bool beforePasswordChange) => async (context, form) =>
    {
        var caller = await context.RequestServices.GetRequiredService<CometUserSignIn>().CheckAsync(form, context);
        return caller.Account switch
        {
            { MayUseWeb: false } => CometCaller.Refuse(CometErrors.NotOnTheWeb),
            { MustChangePassword: true } when !beforePasswordChange => CometCaller.Refuse(CometErrors.MustChangePassword),
            _ => caller,
        };
    };

    public async Task<CometCaller> CheckAsync(CometForm form, HttpContext context)
    {
        string Field(string name) => CometSignIn.FieldOf(form, context, name);

        var username = Field(CometCredentials.Username);
        var (lKey, password, code) = (Field(CometCredentials.LKey), Field(CometCredentials.Password), Field(CometCredentials.Totp));
        switch (Field(CometCredentials.AuthType))
        {
            case CometCredentials.Password:
                return await CheckAsync(AccountCredential.OfPassword(username, password), context);
            case CometCredentials.PasswordTotp:
                return await CheckAsync(AccountCredential.OfPassword(username, password, code), context);
            case CometCredentials.LKey:
                return await CheckAsync(AccountCredential.OfLKey(username, lKey), context);
            case CometCredentials.LKeyTotp:
                return await CheckAsync(AccountCredential.OfLKey(username, lKey, code), context);
            case CometCredentials.Totp:
                // A code alone is no credential: it is added to the credential of the same call.
                return await CheckAsync(
                    lKey.Length > 0
                        ? AccountCredential.OfLKey(username, lKey, code)
                        : AccountCredential.OfPassword(username, password, code), context);
            case CometCredentials.SessionKey:
                var account = await sessions.UseAsync(Field(CometCredentials.SessionKey), context.RequestAborted);
                return account is not null && string.Equals(account.Username, username, StringComparison.Ordinal)
                    ? new CometCaller(null, null, account)
                    : CometCaller.Refuse(CometErrors.Unauthorised);
            case "":
                return CometCaller.Refuse(CometErrors.Unauthorised);
            default:
                return CometCaller.Refuse(CometErrors.BadField(
                    CometCredentials.AuthType, "must be Password, PasswordTOTP, LKey, LKeyTOTP, TOTP or SessionKey"));
        }
    }

    private async Task<CometCaller> CheckAsync(AccountCredential credential, HttpContext context)
    {
        var signIn = await access.SignInAsync(credential, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (signIn.Result == AccountSignInResult.CodeMissing)
        {
            context.Response.Headers[CometCredentials.TotpRequested] = "1";
        }

        return new CometCaller(null, RefusalOf(signIn.Result), signIn.Account);
    }

    public static CometApiResponseMessage? RefusalOf(AccountSignInResult result) => result switch
    {
        AccountSignInResult.SignedIn => null,
        AccountSignInResult.CodeMissing => CometErrors.CodeMissing,
        AccountSignInResult.Busy => CometErrors.Busy,
        AccountSignInResult.PasswordsNotTaken => CometErrors.PasswordsNotTaken,
        _ => CometErrors.Unauthorised,
    };
}
