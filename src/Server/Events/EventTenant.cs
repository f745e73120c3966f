namespace Halley.Server.Events;

/// <summary>The events that a listener receives: those of one organization, or all if it is null.</summary>
internal readonly record struct EventTenant(string? OrganizationId)
{
    public static readonly EventTenant All = new(null);

    /// <summary>
    /// The events for an administrator of this organization; administrators of the server itself (the empty id) receive all.
    /// </summary>
    public static EventTenant OfAdministrator(string organizationId) => organizationId.Length == 0 ? All : new(organizationId);

    public bool Contains(string organizationId) => OrganizationId is null || OrganizationId == organizationId;
}
