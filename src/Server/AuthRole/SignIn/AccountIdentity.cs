using System.Net;
using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// The calling backup user, as the database had it at the time of the call. <paramref name="SessionId"/> is null when the call itself
/// carried the credential. <paramref name="DeviceId"/> is null when the session does not belong to a device. A handler of
/// <c>/api/v2/user</c> takes it as a parameter.
/// </summary>
internal sealed record AccountIdentity(
    Guid Id, string Username, string OrganizationId, Guid? SessionId = null, string? DeviceId = null, bool MustChangePassword = false,
    bool MayUseWeb = true)
{
    private const string SessionClaim = "halley:session";
    private const string DeviceClaim = "halley:device";

    /// <summary>Source address of the request; null when it did not arrive over the network.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How the framework makes the parameter of a handler. The endpoint must require a signed-in user.</summary>
    public static ValueTask<AccountIdentity?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(From(context.User) is { } user ? user with { Address = context.Connection.RemoteIpAddress } : null);

    /// <summary>Reads the principal that <see cref="ToPrincipal"/> wrote; null when it is not a signed-in user.</summary>
    public static AccountIdentity? From(ClaimsPrincipal principal) =>
        principal.HasClaim(CallerKind.Claim, CallerKind.Account)
            && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new AccountIdentity(
                id,
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                CallerOrganization.Of(principal) ?? "",
                Guid.TryParse(principal.FindFirstValue(SessionClaim), out var session) ? session : null,
                principal.FindFirstValue(DeviceClaim),
                principal.HasClaim(claim => claim.Type == CallerKind.MustChangePassword))
            : null;

    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var claims = new List<Claim>
        {
            new(CallerKind.Claim, CallerKind.Account),
            new(ClaimTypes.NameIdentifier, Id.ToString()),
            new(ClaimTypes.Name, Username),
            new(CallerOrganization.Claim, OrganizationId),
        };
        if (SessionId is { } session)
        {
            claims.Add(new Claim(SessionClaim, session.ToString()));
        }

        if (DeviceId is { } device)
        {
            claims.Add(new Claim(DeviceClaim, device));
        }

        if (MustChangePassword)
        {
            claims.Add(new Claim(CallerKind.MustChangePassword, ""));
        }

        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }
}
