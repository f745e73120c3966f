using System.Net;
using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// Who asks for an operation and what the caller may do. Each operation takes one, so that every surface is judged by the same rule and
/// every event names the same actor. A handler of <c>/api/v2</c> takes it as a parameter.
/// </summary>
/// <param name="Name">The name that events and logs give as the actor.</param>
/// <param name="OrganizationId">The organization the caller belongs to; empty for the server itself.</param>
/// <param name="Scope">What the caller may see.</param>
/// <param name="Permissions">The flags of an administrator; <see cref="AdministratorPermissions.All"/> for the server itself.</param>
/// <param name="Address">Where the request came from; null when it did not come over the network.</param>
internal sealed record Caller(
    string Name, string OrganizationId, TenantScope Scope, AdministratorPermissions Permissions, IPAddress? Address)
{
    /// <summary>The administrator's id; null for the server itself.</summary>
    public Guid? Id { get; init; }

    /// <summary>The address at which the caller reached this server, with a slash at its end; empty when it is not known.</summary>
    public string ServerAddress { get; init; } = "";

    /// <summary>The server itself, for work that nobody asked for.</summary>
    public static Caller Server { get; } = new("", CallerOrganization.TopLevel, TenantScope.Everything, AdministratorPermissions.All, Address: null);

    public bool IsTopLevel => OrganizationId == CallerOrganization.TopLevel;

    /// <summary>The refusal when the caller lacks any of <paramref name="requires"/>; null when the caller may go on.</summary>
    public Refusal? Lacks(Requires requires) =>
        Permissions.Allow(requires, IsTopLevel) ? null : Refusal.Forbidden("forbidden", $"This needs an administrator with: {requires}.");

    /// <summary>The administrator of an authenticated principal. The endpoint must have asked for an administrator.</summary>
    public static Caller Of(ClaimsPrincipal principal, IPAddress? address = null, string serverAddress = "")
    {
        var organization = CallerOrganization.Of(principal)
            ?? throw new InvalidOperationException("The caller belongs to no organization; the endpoint must ask for an administrator.");
        return new Caller(
            principal.Identity?.Name ?? "",
            organization,
            TenantScope.OfAdministrator(organization),
            AdministratorPermissions.Parse(principal.FindFirstValue(AdministratorPermissions.Claim) ?? ""),
            address)
        {
            Id = Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null,
            ServerAddress = serverAddress,
        };
    }

    /// <summary>How the framework makes the <c>Caller</c> parameter of a handler.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(
        Of(context.User, context.Connection.RemoteIpAddress, $"{context.Request.Scheme}://{context.Request.Host}/"));
}
