using System.Net;
using System.Security.Claims;
using Halley.Server.Access;

namespace Halley.Server.Administrators;

/// <summary>Compares a cookie with the stored administrator.</summary>
internal sealed class CookieCheck(AdministratorStore store, AdministratorSessions sessions)
{
    /// <summary>
    /// The holder of the cookie with the present organization and permissions. Returns null if the administrator no longer exists, uses a
    /// forbidden address, or changed the password after the cookie was issued, or the session has ended.
    /// </summary>
    public async Task<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal? principal, IPAddress? client, CancellationToken cancellationToken)
    {
        return await FindAsync(principal, cancellationToken) is { } administrator && AddressRule.Allows(administrator.IPWhitelist, client)
            ? AdministratorCookie.Renew(principal!, administrator.ToCaller(CallerClaims.SessionOf(principal!)))
            : null;
    }

    /// <summary>False if the holder may no longer continue, or has other rights than when the page was opened.</summary>
    public async Task<bool> IsCurrentAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken) =>
        await FindAsync(principal, cancellationToken) is { } administrator
        && administrator.ToCaller(CallerClaims.SessionOf(principal!)) == Caller.TryOf(principal!);

    private async Task<Administrator?> FindAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken)
    {
        var administrator = principal is not null && Caller.TryOf(principal) is { SessionId: { } session } holder
            && await sessions.UsePageAsync(holder.Id, session, cancellationToken)
            ? await store.FindAsync(holder.Id, cancellationToken)
            : null;
        return administrator?.SecurityStamp is { } stamp && principal!.FindFirstValue(AdministratorCookie.StampClaim) == stamp
            ? administrator
            : null;
    }
}
