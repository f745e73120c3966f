using System.Net;
using System.Security.Claims;
using Halley.Server.Access;

namespace Halley.Server.Administrators;

/// <summary>Compares a cookie with the administrator it was given to.</summary>
internal sealed class CookieCheck(AdministratorStore store)
{
    /// <summary>
    /// The holder of the cookie with the organization and the permissions he has now; null when he is gone, comes from an address he may
    /// not use, or the password was changed after the cookie was given out.
    /// </summary>
    public async Task<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal? principal, IPAddress? client, CancellationToken cancellationToken)
    {
        return await FindAsync(principal, cancellationToken) is { } administrator && AddressRule.Allows(administrator.IPWhitelist, client)
            ? AdministratorCookie.Renew(principal!, administrator.ToCaller())
            : null;
    }

    /// <summary>False as soon as the holder may not go on, or has other rights than he had when the page was opened.</summary>
    public async Task<bool> IsCurrentAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken) =>
        await FindAsync(principal, cancellationToken) is { } administrator
        && administrator.ToCaller() == Caller.TryOf(principal!);

    private async Task<Administrator?> FindAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken)
    {
        var administrator = principal is not null && Caller.TryOf(principal) is { } holder
            ? await store.FindAsync(holder.Id, cancellationToken)
            : null;
        return administrator?.SecurityStamp is { } stamp && principal!.FindFirstValue(AdministratorCookie.StampClaim) == stamp
            ? administrator
            : null;
    }
}
