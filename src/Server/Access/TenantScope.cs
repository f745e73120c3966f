using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// What a caller may see: everything, or one tenant (the empty id is the top level's own). Every list and look-up takes one, so that
/// nobody can forget to filter.
/// </summary>
internal readonly record struct TenantScope
{
    private TenantScope(string? organizationId) => OrganizationId = organizationId;

    /// <summary>The only tenant that is visible; null for all.</summary>
    public string? OrganizationId { get; }

    public static TenantScope Everything => new(null);

    public static TenantScope Of(string organizationId) => new(organizationId);

    /// <summary>The scope of an administrator: those of the top level see all tenants.</summary>
    public static TenantScope OfAdministrator(string organizationId) => organizationId.Length == 0 ? Everything : new(organizationId);

    /// <summary>The scope of an administrator who called through <c>/api/v2</c> or a page.</summary>
    public static TenantScope OfCaller(ClaimsPrincipal caller) => CallerOrganization.Of(caller) is { } organization
        ? OfAdministrator(organization)
        : throw new InvalidOperationException("The caller belongs to no organization; the endpoint must ask for an administrator.");

    public bool Contains(string organizationId) => OrganizationId is null || OrganizationId == organizationId;

    /// <summary>The part of this scope that is one tenant, as <c>TargetOrganization</c> asks for; null when that is outside.</summary>
    public TenantScope? Narrow(string organizationId) => Contains(organizationId) ? new TenantScope(organizationId) : null;
}
