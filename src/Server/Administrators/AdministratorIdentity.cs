using System.Security.Claims;

namespace Halley.Server.Administrators;

/// <summary>Who is calling. <paramref name="SessionId"/> is null when no session of the API is involved.</summary>
internal sealed record AdministratorIdentity(Guid Id, string Username, Guid? SessionId = null)
{
    public const string KindClaim = "halley:kind";
    public const string Kind = "administrator";
    private const string SessionClaim = "halley:session";

    /// <summary>Reads back what <see cref="ToPrincipal"/> wrote; null for anybody who is not a signed-in administrator.</summary>
    public static AdministratorIdentity? From(ClaimsPrincipal principal) =>
        principal.HasClaim(KindClaim, Kind) && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new AdministratorIdentity(
                id,
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                Guid.TryParse(principal.FindFirstValue(SessionClaim), out var session) ? session : null)
            : null;

    public ClaimsPrincipal ToPrincipal(string scheme, params IEnumerable<Claim> further)
    {
        var claims = new List<Claim>
        {
            new(KindClaim, Kind),
            new(ClaimTypes.NameIdentifier, Id.ToString()),
            new(ClaimTypes.Name, Username),
        };
        if (SessionId is { } session)
        {
            claims.Add(new Claim(SessionClaim, session.ToString()));
        }

        claims.AddRange(further);
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }
}
