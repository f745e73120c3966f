using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Buckets outlive their tenant, as they outlive an account: backups are only ever deleted by name. The top level has them from then on.</summary>
internal sealed class BucketsOfOrganization(BucketDirectory directory) : OrganizationPart
{
    public override async Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken)
    {
        await database.Set<Bucket>().Where(bucket => bucket.OrganizationId == removal.OrganizationId)
            .ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.OrganizationId, ""), cancellationToken);
        foreach (var bucket in directory.All.Where(bucket => bucket.OrganizationId == removal.OrganizationId))
        {
            bucket.OrganizationId = ""; // of no consequence for anything but the quota of a tenant that is just going
        }
    }
}
