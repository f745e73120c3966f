using Halley.Server.Data;
using Halley.Server.Settings.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Buckets by tenant, for the statistics.</summary>
internal sealed class BucketCounting : StatisticsSource
{
    public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<Bucket>().Where(bucket => bucket.DeletedAt == null).GroupBy(row => row.OrganizationId).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

    public override void Put(StatisticsSample sample, long count) => sample.Buckets = count;
}
