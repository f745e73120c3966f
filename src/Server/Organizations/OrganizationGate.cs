namespace Halley.Server.Organizations;

/// <summary>
/// True while a tenant is suspended: none of its users is let in. Asked with every sign-in and session, so it must be quick.
/// </summary>
internal delegate ValueTask<bool> IsOrganizationSuspended(string organizationId, CancellationToken cancellationToken);
