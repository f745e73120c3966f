using System.Net;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.CometApi.Transport;

/// <summary>One call: its fields and its caller.</summary>
internal sealed class CometCall(CometForm form, HttpContext context, Caller? administrator, AccountIdentity? account = null)
{
    public CometForm Form => form;

    /// <summary>For the few features that have to see the request itself.</summary>
    public HttpContext Context => context;

    /// <summary>The password sent with the call, with which callers confirm their identity; empty without one.</summary>
    public string PresentPassword =>
        form.Text(CometCredentials.Password) is { Length: > 0 } text
            ? text
            : Header(CometCredentials.HeaderPrefix + CometCredentials.Password) ?? "";

    public IPAddress? Client => context.Connection.RemoteIpAddress;

    public SessionOrigin Origin => SessionOrigin.Of(context);

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The calling administrator. Calls without a sign-in must not use it.</summary>
    public Caller Administrator =>
        administrator ?? throw new InvalidOperationException("This call is open to everybody, so it has no administrator.");

    /// <summary>Name of the calling user or administrator.</summary>
    public string CallerName => account?.Username ?? Administrator.Name;

    /// <summary>The tenants that the caller may see.</summary>
    public TenantScope Scope => Administrator.Scope;

    /// <summary>
    /// The tenants that the caller may see, or the one tenant among them that the field TargetOrganization names. Null when an
    /// administrator of a tenant names any, because only the top level may.
    /// </summary>
    public TenantScope? TargetScope => Form.Text("TargetOrganization") is { Length: > 0 } target
        ? Administrator.IsTopLevel ? TenantScope.Of(target) : null
        : Scope;

    /// <summary>The address under which the caller reached this server.</summary>
    public string Address => $"{context.Request.Scheme}://{context.Request.Host}/";

    /// <summary>True when a user calls; false for an administrator or an anonymous caller.</summary>
    public bool IsUser => account is not null;

    /// <summary>The user that calls. Only calls mapped for users may read it.</summary>
    public AccountIdentity Account => account is not null
        ? account with { Address = Client }
        : throw new InvalidOperationException("This call is not one of users, so it has no account.");

    /// <summary>The administrator as the operations take it. Only calls mapped for administrators may read it.</summary>
    public Caller Caller => Administrator with { Address = Client, ServerAddress = Address };

    /// <summary>
    /// The account of the call: the calling user's own, or the one that an administrator names as TargetUser.
    /// </summary>
    public AccountCaller Target => IsUser ? new AccountCaller(Account) : new AccountCaller(Caller, Form.Text("TargetUser"));

    /// <summary>The file of this name in a multipart call; null when the call has none.</summary>
    public async Task<IFormFile?> FileAsync(string name) =>
        context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(Aborted)).Files.GetFile(name) : null;

    public string? Header(string name) => context.Request.Headers[name].FirstOrDefault();
}
