using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>
/// The operations on deleted buckets that are held. Their files and their trash are restored unchanged. Keys, label and quota were not
/// kept, so a restored bucket gets a new key.
/// </summary>
internal sealed class DeletedBucketActions(
    IDbContextFactory<ServerDbContext> databases, BucketActions buckets, BucketMeasuringWork measuring, VolumeSet volumes)
{
    /// <summary>
    /// The deleted buckets that are held, in the order of their ids; of several with one id, the latest deletion.
    /// </summary>
    /// <param name="caller">The caller.</param>
    /// <param name="after">Only buckets whose ids follow this one; null to begin with the first.</param>
    /// <param name="count">Most buckets to return.</param>
    /// <param name="cancellationToken">Stops reading the disks.</param>
    public async Task<Outcome<Page<DeletedBucket>>> ListAsync(Caller caller, string? after, int count, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var held = (await Task.Run(new DiscardedBuckets(volumes).List, cancellationToken)).Select(one => one.Folder)
                .GroupBy(folder => folder.BucketId, StringComparer.Ordinal)
                .Where(folders => string.CompareOrdinal(folders.Key, after) > 0)
                .OrderBy(folders => folders.Key, StringComparer.Ordinal)
                .Select(folders => folders.MaxBy(folder => folder.DeletedAt)!);
            return Paging.Page(
                held, count, folder => new DeletedBucket(folder.BucketId, folder.DeletedAt, folder.DeletedAt.AddDays(folder.Days)),
                folder => folder.BucketId);
        }
        catch (BlobStoreException failure)
        {
            return BucketRefusals.Unavailable(failure);
        }
    }

    /// <summary>Restores a deleted bucket. After a refusal because of a volume, the call can be repeated and restores the rest.</summary>
    public async Task<Outcome<BucketCreated>> RestoreAsync(
        Caller caller, string id, RestoreBucket request, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var bucket = new CreateBucket(
                id, request.Label, request.KeyMode, request.KeyHash, request.KeyHashFormat, request.OrganizationId);
            var outcome = await buckets.RegisterAsync(
                caller, bucket, StreamableEventType.BucketRestored, made => FillAsync(made, cancellationToken), cancellationToken);
            if (!outcome.TryGet(out var restored, out refusal))
            {
                return refusal;
            }

            await measuring.MeasureAsync(id, CancellationToken.None);
            return (await buckets.FindAsync(caller, id, CancellationToken.None)).TryGet(out var measured, out _)
                ? restored with { Bucket = measured }
                : restored;
        }
        catch (BlobStoreException failure)
        {
            return BucketRefusals.Unavailable(failure);
        }
    }

    private async Task<Refusal?> FillAsync(Bucket made, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<Bucket>().AnyAsync(bucket => bucket.FoldedId == made.FoldedId, cancellationToken))
        {
            return BucketActions.Exists;
        }

        if (await Task.Run(() => new DiscardedBuckets(volumes).Restore(made.Id), CancellationToken.None) is { } days)
        {
            made.Hold = new BucketHold(days);
            return null;
        }

        // An interrupted restore may have put back all files without registering the bucket.
        made.Hold = made.Hold with { DaysBefore = BucketAdoption.DaysForUnknownTrash, BeforeUntil = made.CreatedAt };
        return volumes.All.Any(volume => volume.Problem is null && volume.ListBuckets().Contains(made.Id)) ? null : Refusal.NotFound(
            "bucket_not_held",
            "No deleted bucket with this id is held. One that was deleted without a hold, or whose hold has ended, cannot be restored.");
    }
}
