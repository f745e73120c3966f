namespace Halley.Server.Organizations;

/// <summary>
/// True while an organization is suspended: none of its users can sign in. Called for every sign-in and session, so it must be fast.
/// </summary>
internal delegate ValueTask<bool> IsOrganizationSuspended(string organizationId, CancellationToken cancellationToken);
