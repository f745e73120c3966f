using Halley.Server.Data;

namespace Halley.Server.Organizations;

/// <summary>
/// A kind of data that belongs to organizations. Each folder with such rows registers one, which decides what happens to them when an
/// organization is deleted. All parts run in the transaction of the deletion.
/// </summary>
internal abstract class OrganizationPart
{
    public abstract Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken);
}

/// <summary>The deletion of an organization, with its actor and time.</summary>
internal sealed record OrganizationRemoval(string OrganizationId, string Actor, DateTimeOffset At);
