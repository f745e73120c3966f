using System.Net;
using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// The administrator that requests an operation, or the server itself. Each operation takes one, so that every surface applies the same
/// rules and every event names the same actor. A handler of <c>/api/v2</c> takes it as a parameter.
/// </summary>
/// <param name="Name">The actor in events and logs.</param>
/// <param name="OrganizationId">The organization the caller belongs to; empty for the server itself.</param>
/// <param name="Scope">What the caller may see.</param>
/// <param name="Permissions">The flags of an administrator; <see cref="AdministratorPermissions.All"/> for the server itself.</param>
/// <param name="Address">The address of the client; null if the request did not come over the network.</param>
internal sealed record Caller(
    string Name, string OrganizationId, TenantScope Scope, AdministratorPermissions Permissions, IPAddress? Address)
{
    /// <summary>The administrator's id; <see cref="Guid.Empty"/> for the server itself.</summary>
    public Guid Id { get; init; }

    /// <summary>The session that made the request; null if the credential is a token or a password.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>True until the required change of the password; the caller may do nothing else.</summary>
    public bool MustChangePassword { get; init; }

    /// <summary>True for a token that permits reading, but not the change of accounts; the caller sees no hash and no key.</summary>
    public bool SeesNoSecrets { get; init; }

    /// <summary>The address at which the caller reached this server, with a trailing slash; empty if unknown.</summary>
    public string ServerAddress { get; init; } = "";

    /// <summary>The server itself, for work that nobody requested.</summary>
    public static Caller Server { get; } =
        new("", CallerOrganization.TopLevel, TenantScope.Everything, AdministratorPermissions.All, Address: null);

    public bool IsTopLevel => OrganizationId == CallerOrganization.TopLevel;

    /// <summary>The refusal if the caller lacks any of <paramref name="requires"/>; otherwise null.</summary>
    public Refusal? Lacks(Requires requires) =>
        Permissions.Allow(requires, IsTopLevel) ? null : Refusal.Forbidden("forbidden", $"This needs an administrator with: {requires}.");

    /// <summary>The administrator of an authenticated principal. The endpoint must require an administrator.</summary>
    public static Caller Of(ClaimsPrincipal principal, IPAddress? address = null, string serverAddress = "") =>
        TryOf(principal) is { } caller
            ? caller with { Address = address, ServerAddress = serverAddress }
            : throw new InvalidOperationException("The caller is not an administrator; the endpoint must require one.");

    /// <summary>Reads what <see cref="ToPrincipal"/> wrote; null if the principal is not a signed-in administrator.</summary>
    public static Caller? TryOf(ClaimsPrincipal principal) =>
        principal.HasClaim(CallerKind.Claim, CallerKind.Administrator)
        && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
        && CallerOrganization.Of(principal) is { } organization
            ? new Caller(
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                organization,
                TenantScope.OfAdministrator(organization),
                AdministratorPermissions.Parse(principal.FindFirstValue(CallerKind.Permissions) ?? ""),
                Address: null)
            {
                Id = id,
                SessionId = CallerClaims.SessionOf(principal),
                MustChangePassword = principal.HasClaim(claim => claim.Type == CallerKind.MustChangePassword),
                SeesNoSecrets = principal.HasClaim(claim => claim.Type == CallerKind.NoSecrets),
            }
            : null;

    /// <summary>Creates the <c>Caller</c> parameter of a handler for the framework.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(
        Of(context.User, context.Connection.RemoteIpAddress, $"{context.Request.Scheme}://{context.Request.Host}/"));

    public ClaimsPrincipal ToPrincipal(string scheme, params IEnumerable<Claim> further) => CallerClaims.ToPrincipal(
        scheme, CallerKind.Administrator, Id, Name, OrganizationId, SessionId, MustChangePassword,
        further.Prepend(new Claim(CallerKind.Permissions, Permissions.Json)));
}
