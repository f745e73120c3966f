using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>Writes and reads the claims that callers of both kinds have in common.</summary>
internal static class CallerClaims
{
    /// <summary>The claims that callers of both kinds have, and <paramref name="further"/>.</summary>
    public static ClaimsPrincipal ToPrincipal(
        string scheme, string kind, Guid id, string name, string organizationId, Guid? sessionId, bool mustChangePassword,
        params IEnumerable<Claim> further)
    {
        var claims = new List<Claim>
        {
            new(CallerKind.Claim, kind),
            new(ClaimTypes.NameIdentifier, id.ToString()),
            new(ClaimTypes.Name, name),
            new(CallerOrganization.Claim, organizationId),
        };
        if (sessionId is { } session)
        {
            claims.Add(new Claim(CallerKind.Session, session.ToString()));
        }

        if (mustChangePassword)
        {
            claims.Add(new Claim(CallerKind.MustChangePassword, ""));
        }

        claims.AddRange(further);
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    /// <summary>The session that made the request; null if there is none.</summary>
    public static Guid? SessionOf(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(CallerKind.Session), out var session) ? session : null;
}
