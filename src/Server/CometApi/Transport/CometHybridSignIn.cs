using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Lets in whoever the credentials fit. Which kind of caller has the name decides whose credentials are looked at, so that a user's sign-in is
/// no failure of an administrator; refusals take as long for every name.
/// </summary>
internal sealed class CometHybridSignIn(CometSignIn administrators, CometUserSignIn users, AccountAccess access, AdministratorNames names)
{
    public async Task<CometCaller> CheckAsync(CometForm form, HttpContext context)
    {
        var username = form.Text(CometCredentials.Username);
        if (form.Text(CometCredentials.AuthType) is CometCredentials.LKey or CometCredentials.LKeyTotp)
        {
            return await CheckUserAsync(form, context);
        }

        var isUser = await access.KnowsAsync(username, context.RequestAborted);
        var isAdministrator = await names.KnowsAsync(username, context.RequestAborted);
        if (!isUser || !isAdministrator)
        {
            return isUser ? await CheckUserAsync(form, context) : await administrators.CheckAsync(form, context);
        }

        var callers = await SharedAttempt.TryAllAsync<CometCaller>(
            [() => administrators.CheckAsync(form, context), () => CheckUserAsync(form, context)], IsRefusal);
        return Array.Find(callers, caller => caller.Refusal is null) ?? callers[0];
    }

    // Whoever is asked for a second factor, or sent away from the web, has shown the right password.
    private static bool IsRefusal(CometCaller caller) => caller.Refusal is { Status: not 449 } refusal && refusal != CometErrors.NotOnTheWeb;

    private async Task<CometCaller> CheckUserAsync(CometForm form, HttpContext context)
    {
        var caller = await users.CheckAsync(form, context);
        return caller.Account is { MayUseWeb: false } ? CometCaller.Refuse(CometErrors.NotOnTheWeb) : caller;
    }
}
