using Halley.Protocol.Administrators;
using Halley.Protocol.Organizations;

namespace Halley.Protocol;

/// <summary>An administrator.</summary>
/// <param name="Id">Id; never changes.</param>
/// <param name="Username">Name, compared without regard to case.</param>
/// <param name="OrganizationId">Organization he administers; empty for the server itself.</param>
/// <param name="Permissions">
/// The vendor's flags: <c>prevent…</c> and <c>deny…</c> take away, <c>allow…</c> give to administrators of organizations.
/// </param>
/// <param name="HasSecondFactor">True when the password alone is not enough.</param>
/// <param name="MustChangePassword">True until he has chosen a password of his own.</param>
/// <param name="IpWhitelist">Regular expression that his address must fit; empty for any.</param>
/// <param name="CreatedAt">UTC time at which he was made.</param>
/// <param name="LastSignInAt">UTC time of his last session or sign-in at the page; null when there was none.</param>
/// <param name="LockedUntil">UTC time until which no sign-in is accepted, after too many wrong ones; null when he is not locked.</param>
public sealed record AdministratorInfo(
    Guid Id, string Username, string OrganizationId, AdminUserPermissions Permissions, bool HasSecondFactor, bool MustChangePassword,
    string IpWhitelist, DateTime CreatedAt, DateTime? LastSignInAt, DateTime? LockedUntil);

/// <summary>Asks for another administrator.</summary>
/// <param name="Username">1 to 255 characters without spaces at the ends.</param>
/// <param name="Password">At least 8 characters.</param>
/// <param name="OrganizationId">Organization he is to administer; empty for the server itself.</param>
/// <param name="Permissions">See <see cref="AdministratorInfo"/>; null for no restriction.</param>
/// <param name="MustChangePassword">True when he has to choose a password of his own before anything else.</param>
public sealed record CreateAdministrator(
    string Username, string Password, string? OrganizationId = null, AdminUserPermissions? Permissions = null,
    bool MustChangePassword = false);

/// <summary>Changes an administrator; what is null stays as it is.</summary>
/// <param name="OrganizationId">Another organization; empty for the server itself.</param>
/// <param name="Permissions">Other permissions, all of them.</param>
/// <param name="Password">A new password, which he has to change at once; it ends his sessions.</param>
public sealed record UpdateAdministrator(string? OrganizationId = null, AdminUserPermissions? Permissions = null, string? Password = null);
