using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Accounts;

namespace Halley.Server.CometApi;

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

        // At the same time, or the answer would take twice as long and tell that there are two.
        var user = CheckUserAsync(form, context);
        var administrator = await administrators.CheckAsync(form, context);
        return administrator.Refusal is null ? administrator : await user is { Account: not null } signedIn ? signedIn : administrator;
    }

    private async Task<CometCaller> CheckUserAsync(CometForm form, HttpContext context)
    {
        var caller = await users.CheckAsync(form, context);
        return caller.Account is { MayUseWeb: false } ? CometCaller.Refuse(CometErrors.NotOnTheWeb) : caller;
    }
}
