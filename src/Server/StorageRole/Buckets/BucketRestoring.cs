using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Storage;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Brings whole buckets back that were deleted and are held. Their files and their trash come back as they were; keys, label and quota were
/// forgotten with the bucket, so it gets a new key.
/// </summary>
internal sealed class BucketRestoring(
    IDbContextFactory<ServerDbContext> databases, BucketRegistration registration, BucketMeasuringWork measuring, VolumeSet volumes)
{
    /// <summary>The deleted buckets that are held, by their latest deletion, in the order of their ids.</summary>
    /// <exception cref="BlobStoreException">A volume is offline or a disk failed.</exception>
    public async Task<IReadOnlyList<DeletedBucket>> ListAsync(CancellationToken cancellationToken)
    {
        var held = (await Task.Run(volumes.HeldBuckets, cancellationToken)).Select(one => one.Folder);
        return [.. held.GroupBy(folder => folder.BucketId, StringComparer.Ordinal).OrderBy(folders => folders.Key, StringComparer.Ordinal)
            .Select(folders => folders.MaxBy(folder => folder.DeletedAt)!)
            .Select(folder => new DeletedBucket(folder.BucketId, folder.DeletedAt, folder.DeletedAt.AddDays(folder.Days)))];
    }

    /// <exception cref="BlobStoreException">A volume is offline or a disk failed; what is not back yet comes when this is called again.</exception>
    public async Task<BucketChange<BucketCreated>> RestoreAsync(string id, RestoreBucket request, string actor, CancellationToken cancellationToken)
    {
        var bucket = new CreateBucket(id, request.Label, request.KeyMode, request.KeyHash, request.KeyHashFormat, request.OrganizationId);
        var change = await registration.AddAsync(
            bucket, TenantScope.Everything, actor, StreamableEventType.BucketRestored, made => FillAsync(made, cancellationToken), cancellationToken);
        if (change.Value is not { } restored)
        {
            return change;
        }

        await measuring.MeasureAsync(id, CancellationToken.None);
        return BucketChange<BucketCreated>.Done(restored with { Bucket = await registration.FindAsync(id, TenantScope.Everything, CancellationToken.None) ?? restored.Bucket });
    }

    private async Task<BucketRefusal?> FillAsync(Bucket made, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<Bucket>().AnyAsync(bucket => bucket.FoldedId == made.FoldedId, cancellationToken))
        {
            return BucketRegistration.Exists;
        }

        if (await Task.Run(() => volumes.RestoreBucket(made.Id), CancellationToken.None) is { } days)
        {
            made.Hold = new BucketHold(days);
            return null;
        }

        // A restore that was interrupted has put back everything and then did not come to registering it.
        var isThere = volumes.All.Any(volume => volume.Problem is null && volume.ListBuckets().Contains(made.Id));
        made.Hold = made.Hold with { DaysBefore = BucketAdoption.DaysForUnknownTrash, BeforeUntil = made.CreatedAt };
        return isThere ? null : new BucketRefusal(
            "bucket_not_held", "No deleted bucket with this id is held. What was deleted without a hold, or is due, cannot come back.", IsMissing: true);
    }
}
