using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.Administrators;

/// <summary>
/// Who is calling, as the database knows him at the moment of the call. <paramref name="OrganizationId"/> is empty for the server itself;
/// <paramref name="SessionId"/> is null when no session of the API is involved.
/// </summary>
internal sealed record AdministratorIdentity(
    Guid Id, string Username, string OrganizationId, AdministratorPermissions Permissions, Guid? SessionId = null, bool MustChangePassword = false)
{
    public const string KindClaim = CallerKind.Claim;
    public const string Kind = "administrator";
    private const string SessionClaim = "halley:session";
    private const string ChangeClaim = CallerKind.MustChangePassword;

    /// <summary>True for administrators of the server itself, who see all organizations.</summary>
    public bool IsTopLevel => OrganizationId == CallerOrganization.TopLevel;

    /// <summary>What he may see.</summary>
    public TenantScope Scope => TenantScope.OfAdministrator(OrganizationId);

    public static AdministratorIdentity Of(Administrator administrator, Guid? sessionId = null) => new(
        administrator.Id, administrator.UserName!, administrator.OrganizationId, AdministratorPermissions.Parse(administrator.Permissions), sessionId,
        administrator.RequirePasswordChange);

    /// <summary>Reads back what <see cref="ToPrincipal"/> wrote; null for anybody who is not a signed-in administrator.</summary>
    public static AdministratorIdentity? From(ClaimsPrincipal principal) =>
        IdOf(principal) is { } id && CallerOrganization.Of(principal) is { } organization
            ? new AdministratorIdentity(
                id,
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                organization,
                AdministratorPermissions.Parse(principal.FindFirstValue(AdministratorPermissions.Claim) ?? ""),
                Guid.TryParse(principal.FindFirstValue(SessionClaim), out var session) ? session : null,
                principal.HasClaim(claim => claim.Type == ChangeClaim))
            : null;

    public static Guid? IdOf(ClaimsPrincipal principal) =>
        principal.HasClaim(KindClaim, Kind) && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null;

    public bool Meets(Requires requires) => Permissions.Allow(requires, IsTopLevel);

    public ClaimsPrincipal ToPrincipal(string scheme, params IEnumerable<Claim> further)
    {
        var claims = new List<Claim>
        {
            new(KindClaim, Kind),
            new(ClaimTypes.NameIdentifier, Id.ToString()),
            new(ClaimTypes.Name, Username),
            new(CallerOrganization.Claim, OrganizationId),
            new(AdministratorPermissions.Claim, Permissions.Json),
        };
        if (SessionId is { } session)
        {
            claims.Add(new Claim(SessionClaim, session.ToString()));
        }

        if (MustChangePassword)
        {
            claims.Add(new Claim(ChangeClaim, ""));
        }

        claims.AddRange(further);
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }
}
