using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Server.Settings.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Moves the buckets of a deleted organization to the top level: backups are only ever deleted by name.</summary>
internal sealed class BucketOrganizationPart(BucketCache cache) : OrganizationPart
{
    public override async Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken)
    {
        await database.Set<Bucket>().Where(bucket => bucket.OrganizationId == removal.OrganizationId)
            .ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.OrganizationId, ""), cancellationToken);
        foreach (var bucket in cache.All.Where(bucket => bucket.OrganizationId == removal.OrganizationId))
        {
            bucket.OrganizationId = ""; // matters only for the quota of the organization that is being deleted
        }
    }
}

/// <summary>Counts the buckets of each organization for the statistics.</summary>
internal sealed class BucketStatisticsSource : StatisticsSource
{
    public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<Bucket>().Where(bucket => bucket.DeletedAt == null).GroupBy(row => row.OrganizationId)
            .Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

    public override void Put(StatisticsSample sample, long count) => sample.Buckets = count;
}
