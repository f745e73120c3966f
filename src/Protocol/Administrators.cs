using Halley.Protocol.Administrators;
using Halley.Protocol.Organizations;

namespace Halley.Protocol;

/// <summary>An administrator.</summary>
/// <param name="Id">Id; never changes.</param>
/// <param name="Username">Name, compared without regard to case.</param>
/// <param name="OrganizationId">Organization that the administrator manages; empty for the server itself.</param>
/// <param name="Permissions">
/// The vendor's flags: <c>prevent…</c> and <c>deny…</c> remove rights, <c>allow…</c> grant rights to administrators of organizations.
/// </param>
/// <param name="HasSecondFactor">True when the password alone is not enough.</param>
/// <param name="MustChangePassword">True until the administrator has chosen a new password.</param>
/// <param name="IpWhitelist">Regular expression that the administrator's address must match; empty for any.</param>
/// <param name="CreatedAt">UTC time of creation.</param>
/// <param name="LastSignInAt">UTC time of the last session or sign-in at the page; null when there was none.</param>
/// <param name="LockedUntil">UTC time until which no sign-in is accepted, after too many failures; null when not locked.</param>
public sealed record AdministratorInfo(
    Guid Id, string Username, string OrganizationId, AdminUserPermissions Permissions, bool HasSecondFactor, bool MustChangePassword,
    string IpWhitelist, DateTime CreatedAt, DateTime? LastSignInAt, DateTime? LockedUntil);

/// <summary>Requests another administrator.</summary>
/// <param name="Username">1 to 255 characters without spaces at the ends.</param>
/// <param name="Password">At least 8 characters.</param>
/// <param name="OrganizationId">Organization to manage; empty for the server itself.</param>
/// <param name="Permissions">See <see cref="AdministratorInfo"/>; null for no restriction.</param>
/// <param name="MustChangePassword">True when the administrator has to choose a new password before anything else.</param>
public sealed record CreateAdministrator(
    string Username, string Password, string? OrganizationId = null, AdminUserPermissions? Permissions = null,
    bool MustChangePassword = false);

/// <summary>Changes an administrator; null leaves a value unchanged.</summary>
/// <param name="OrganizationId">Another organization; empty for the server itself.</param>
/// <param name="Permissions">Other permissions, all of them.</param>
/// <param name="Password">A new password, which the administrator has to change at once; it ends all sessions.</param>
public sealed record UpdateAdministrator(string? OrganizationId = null, AdminUserPermissions? Permissions = null, string? Password = null);
