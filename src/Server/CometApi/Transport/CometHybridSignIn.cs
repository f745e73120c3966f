using Halley.Server.Administrators;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Signs in the administrator or user whom the credentials fit. The kind of caller that has the name decides which credentials are checked,
/// so that a user's sign-in is no failure of an administrator. A refusal takes equally long for every name.
/// </summary>
internal sealed class CometHybridSignIn(CometSignIn administrators, CometUserSignIn users, AccountAccess access, AdministratorStore store)
{
    public static CometSignInRule Rule { get; } =
        (context, form) => context.RequestServices.GetRequiredService<CometHybridSignIn>().CheckAsync(form, context);

    public async Task<CometCaller> CheckAsync(CometForm form, HttpContext context)
    {
        var username = form.Text(CometCredentials.Username);
        if (form.Text(CometCredentials.AuthType) is CometCredentials.LKey or CometCredentials.LKeyTotp)
        {
            return await CheckUserAsync(form, context);
        }

        var isUser = await access.KnowsAsync(username, context.RequestAborted);
        var isAdministrator = await store.FindAsync(username, context.RequestAborted) is not null;
        if (!isUser || !isAdministrator)
        {
            return isUser ? await CheckUserAsync(form, context) : await administrators.CheckAsync(form, context);
        }

        var callers = await SharedAttempt.TryAllAsync<CometCaller>(
            [() => administrators.CheckAsync(form, context), () => CheckUserAsync(form, context)], IsRefusal);
        return Array.Find(callers, caller => caller.Refusal is null) ?? callers[0];
    }

    // A caller that lacks a second factor, or is not allowed on the web, has sent the right password.
    private static bool IsRefusal(CometCaller caller) =>
        caller.Refusal is { Status: not 449 } refusal && refusal != CometErrors.NotOnTheWeb;

    private async Task<CometCaller> CheckUserAsync(CometForm form, HttpContext context)
    {
        var caller = await users.CheckAsync(form, context);
        return caller.Account is { MayUseWeb: false } ? CometCaller.Refuse(CometErrors.NotOnTheWeb) : caller;
    }
}
