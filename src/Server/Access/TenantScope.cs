using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// What a caller may see: everything, or one organization (the empty id is the top level). Every list and look-up takes a scope, so that no
/// filter can be forgotten.
/// </summary>
internal readonly record struct TenantScope
{
    private TenantScope(string? organizationId) => OrganizationId = organizationId;

    /// <summary>The only visible organization; null for all.</summary>
    public string? OrganizationId { get; }

    public static TenantScope Everything => new(null);

    public static TenantScope Of(string organizationId) => new(organizationId);

    /// <summary>The scope of an administrator; administrators of the top level see all organizations.</summary>
    public static TenantScope OfAdministrator(string organizationId) => organizationId.Length == 0 ? Everything : new(organizationId);

    /// <summary>The scope of an administrator who called through <c>/api/v2</c> or a page.</summary>
    public static TenantScope OfCaller(ClaimsPrincipal caller) => CallerOrganization.Of(caller) is { } organization
        ? OfAdministrator(organization)
        : throw new InvalidOperationException("The caller belongs to no organization; the endpoint must ask for an administrator.");

    public bool Contains(string organizationId) => OrganizationId is null || OrganizationId == organizationId;

    /// <summary>Narrows this scope to one organization, as <c>TargetOrganization</c> requests; null if that is outside the scope.</summary>
    public TenantScope? Narrow(string organizationId) => Contains(organizationId) ? new TenantScope(organizationId) : null;
}
