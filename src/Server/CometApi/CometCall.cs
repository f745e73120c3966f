using System.Net;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Accounts;

namespace Halley.Server.CometApi;

/// <summary>One call: its fields and who makes it.</summary>
internal sealed class CometCall(CometForm form, HttpContext context, AdministratorIdentity? administrator, AccountIdentity? account = null)
{
    public CometForm Form => form;

    public IPAddress? Client => context.Connection.RemoteIpAddress;

    public SessionOrigin Origin => SessionOrigin.Of(context);

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The caller. Calls that need nobody to be signed in must not ask.</summary>
    public AdministratorIdentity Administrator =>
        administrator ?? throw new InvalidOperationException("This call is open to everybody, so it has no administrator.");

    /// <summary>The user who calls. Only calls mapped for users may ask.</summary>
    public AccountIdentity Account => account ?? throw new InvalidOperationException("This call is not one of users, so it has no account.");

    public string? Header(string name) => context.Request.Headers[name].FirstOrDefault();
}
