using Halley.Server.Data;

namespace Halley.Server.Organizations;

/// <summary>
/// Something that belongs to tenants: each folder that has such rows registers one, and says what becomes of them when the tenant is
/// deleted. All of them run in the transaction of the deletion.
/// </summary>
internal abstract class OrganizationPart
{
    public abstract Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken);
}

/// <summary>The deletion of a tenant: which, by whom and when.</summary>
internal sealed record OrganizationRemoval(string OrganizationId, string Actor, DateTimeOffset At);
