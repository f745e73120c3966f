using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.StorageRole.Buckets;

internal static class BucketQueries
{
    /// <summary>The buckets that a caller may see.</summary>
    public static IQueryable<Bucket> In(this IQueryable<Bucket> buckets, TenantScope scope) =>
        scope.OrganizationId is { } organization ? buckets.Where(bucket => bucket.OrganizationId == organization) : buckets;
}
