using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.CometApi.Transport;

/// <summary>How the caller of one call is signed in.</summary>
internal delegate Task<CometCaller> CometSignInRule(HttpContext context, CometForm form);

/// <summary>The calling administrator or user, or the reason for the refusal: at most one of them is not null.</summary>
internal sealed record CometCaller(Caller? Administrator, CometApiResponseMessage? Refusal, AccountIdentity? Account = null)
{
    public static CometCaller Of(Caller? administrator) =>
        new(administrator, administrator is null ? CometErrors.Unauthorised : null);

    public static CometCaller Refuse(CometApiResponseMessage refusal) => new(null, refusal);
}

/// <summary>
/// Checks the credentials sent with every call, as fields or as headers. Most of the vendor's clients send the password each time; the
/// credential cache keeps that cheap.
/// </summary>
internal sealed class CometSignIn(AdministratorAccess access, AdministratorSessions sessions)
{
    public const string SessionStart = "account/session-start";

    /// <summary>Its name is among the calls about the caller's own account, but it is not one of them.</summary>
    public const string SessionAsUser = "account/session-start-as-user";

    // Calls about the caller's own account: also open to administrators that must change their password first.
    private const string OwnAccount = "account/";

    /// <summary>
    /// The sign-in rule for the call <paramref name="name"/>, for administrators that meet all of <paramref name="requires"/>.
    /// </summary>
    public static CometSignInRule Rule(string name, Requires requires)
    {
        var isOwnAccount = name.StartsWith(OwnAccount, StringComparison.Ordinal) && name != SessionAsUser;
        return async (context, form) =>
        {
            var caller = await context.RequestServices.GetRequiredService<CometSignIn>().CheckAsync(form, context);
            return caller.Administrator switch
            {
                { MustChangePassword: true } when !isOwnAccount => CometCaller.Refuse(CometErrors.MustChangePassword),
                { } administrator when administrator.Lacks(requires) is not null => CometCaller.Refuse(CometErrors.Forbidden),
                _ => caller,
            };
        };
    }

    /// <summary>A credential, which may be in the form or in a header.</summary>
    public static string FieldOf(CometForm form, HttpContext context, string name) =>
        form.Text(name) is { Length: > 0 } text ? text : context.Request.Headers[CometCredentials.HeaderPrefix + name].ToString();

    public async Task<CometCaller> CheckAsync(CometForm form, HttpContext context)
    {
        string Field(string name) => FieldOf(form, context, name);

        var username = Field(CometCredentials.Username);
        switch (Field(CometCredentials.AuthType))
        {
            case CometCredentials.Password:
                return await CheckPasswordAsync(new SignInAttempt(username, Field(CometCredentials.Password)), context);
            case CometCredentials.PasswordTotp:
                return await CheckPasswordAsync(
                    new SignInAttempt(username, Field(CometCredentials.Password), Field(CometCredentials.Totp)), context);
            case CometCredentials.Totp:
                return await CompleteAsync(username, Field(CometCredentials.SessionKey), Field(CometCredentials.Totp), context);
            case CometCredentials.SessionKey:
                return CometCaller.Of(await UseAsync(username, Field(CometCredentials.SessionKey), context));
            case "":
                return CometCaller.Refuse(CometErrors.Unauthorised);
            default:
                return CometCaller.Refuse(CometErrors.BadField(
                    CometCredentials.AuthType, "must be Password, PasswordTOTP, TOTP or SessionKey"));
        }
    }

    private async Task<CometCaller> CheckPasswordAsync(SignInAttempt attempt, HttpContext context)
    {
        var signIn = await access.SignInAsync(attempt, context.Connection.RemoteIpAddress, context.RequestAborted);
        switch (signIn.Result)
        {
            case SignInResult.SignedIn:
                return CometCaller.Of(signIn.Administrator!.ToCaller());
            case SignInResult.CodeMissing:
                context.Response.Headers[CometCredentials.TotpRequested] = "1";
                await OfferCompletionAsync(signIn.HalfSignedIn!.Value, context);
                return CometCaller.Refuse(CometErrors.CodeMissing);
            case SignInResult.PasskeyMissing:
                return CometCaller.Refuse(CometErrors.PasskeyMissing);
            case SignInResult.Busy:
                return CometCaller.Refuse(CometErrors.Busy);
            default:
                return CometCaller.Refuse(CometErrors.Unauthorised);
        }
    }

    // Only the call that starts a session receives a session to complete. Every other call would leave one behind.
    private async Task OfferCompletionAsync(Guid administratorId, HttpContext context)
    {
        if (context.Request.Path.Value?.EndsWith(SessionStart, StringComparison.OrdinalIgnoreCase) == true)
        {
            context.Response.Headers[CometCredentials.PendingSession] =
                await sessions.StartPendingAsync(administratorId, SessionOrigin.Of(context), context.RequestAborted);
        }
    }

    private async Task<CometCaller> CompleteAsync(string username, string key, string code, HttpContext context)
    {
        if (await sessions.FindPendingAsync(key, context.RequestAborted) is not { } halfSignedIn)
        {
            return CometCaller.Refuse(CometErrors.Unauthorised);
        }

        var signIn = await access.CompleteAsync(halfSignedIn, code, context.Connection.RemoteIpAddress, context.RequestAborted);
        return signIn.Administrator is not null && await sessions.CompleteAsync(key, context.RequestAborted)
            ? CometCaller.Of(await UseAsync(username, key, context))
            : CometCaller.Refuse(CometErrors.Unauthorised);
    }

    private async Task<Caller?> UseAsync(string username, string key, HttpContext context)
    {
        var caller = await sessions.UseAsync(key, context.Connection.RemoteIpAddress, context.RequestAborted);
        return string.Equals(caller?.Name, username, StringComparison.OrdinalIgnoreCase) ? caller : null;
    }
}
