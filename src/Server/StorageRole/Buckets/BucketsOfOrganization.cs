using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Buckets outlive their tenant, as they outlive an account: backups are only ever deleted by name. The top level has them from then on.</summary>
internal sealed class BucketsOfOrganization : OrganizationPart
{
    public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
        database.Set<Bucket>().Where(bucket => bucket.OrganizationId == removal.OrganizationId)
            .ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.OrganizationId, ""), cancellationToken);
}
