using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>
/// The backup user who is calling, as the database knows him at the moment of the call. <paramref name="SessionId"/> is null when he gave
/// his credential with the call, <paramref name="DeviceId"/> when the session is not one of a device.
/// </summary>
internal sealed record AccountIdentity(
    Guid Id, string Username, string OrganizationId, Guid? SessionId = null, string? DeviceId = null, bool MustChangePassword = false,
    bool MayUseWeb = true)
{
    private const string SessionClaim = "halley:session";
    private const string DeviceClaim = "halley:device";

    /// <summary>Reads back what <see cref="ToPrincipal"/> wrote; null for anybody who is not a signed-in user.</summary>
    public static AccountIdentity? From(ClaimsPrincipal principal) =>
        principal.HasClaim(CallerKind.Claim, CallerKind.Account) && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
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
