using System.Net;
using Halley.Server.Access;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// A caller and the account of its request: an administrator and an account of its tenant, or a backup user and its own account. Operations
/// for both take this type; where the rules differ, <see cref="User"/> decides.
/// </summary>
internal sealed class AccountCaller
{
    public AccountCaller(Caller administrator, string username)
    {
        (Administrator, Username, Scope) = (administrator, username, administrator.Scope);
        (Actor, Address) = (administrator.Name, administrator.Address);
    }

    public AccountCaller(AccountIdentity user)
    {
        (User, Username, Scope) = (user, user.Username, TenantScope.Of(user.OrganizationId));
        (Actor, Address) = (user.Actor, user.Address);
    }

    /// <summary>The administrator, or the server itself; null when the user calls.</summary>
    public Caller? Administrator { get; }

    /// <summary>The user when it calls itself; null otherwise.</summary>
    public AccountIdentity? User { get; }

    /// <summary>Name of the account.</summary>
    public string Username { get; }

    /// <summary>The tenants that the caller may see.</summary>
    public TenantScope Scope { get; }

    /// <summary>The actor's name in events and logs.</summary>
    public string Actor { get; }

    /// <summary>Source address of the request; null when it did not arrive over the network.</summary>
    public IPAddress? Address { get; }
}
