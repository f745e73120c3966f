namespace Halley.Server.Events;

/// <summary>Whose events a listener gets: those of one tenant, or of all when it is null.</summary>
internal readonly record struct EventTenant(string? OrganizationId)
{
    public static readonly EventTenant All = new(null);

    /// <summary>What an administrator of this organization gets; those of the server itself (the empty id) get everything.</summary>
    public static EventTenant OfAdministrator(string organizationId) => organizationId.Length == 0 ? All : new(organizationId);

    public bool Contains(string organizationId) => OrganizationId is null || OrganizationId == organizationId;
}
