using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>The policies of a deleted tenant go with it.</summary>
internal sealed class PoliciesOfOrganization : OrganizationPart
{
    public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
        database.Set<StoredPolicy>().Where(policy => policy.OrganizationId == removal.OrganizationId).ExecuteDeleteAsync(cancellationToken);
}
