using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Trash;

/// <summary>The operations on the deleted files of a bucket. None shortens a hold.</summary>
internal sealed class TrashActions(BucketCache cache, VolumeSet volumes, TaskRunner tasks, TrashRestoring restoring)
{
    private const int MostNames = 10_000;

    /// <summary>Above this number of files a task restores them.</summary>
    private const int MostAtOnce = 1000;

    /// <summary>The deleted files of a bucket that are held, in the order of their keys.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="after">Only files whose keys follow this one; null to begin with the first.</param>
    /// <param name="count">Most files to return.</param>
    /// <param name="cancellationToken">Stops reading the disks.</param>
    public async Task<Outcome<Page<TrashedFile>>> ListAsync(
        Caller caller, string bucketId, string? after, int count, CancellationToken cancellationToken)
    {
        if (cache.Find(bucketId, caller.Scope) is not { } bucket)
        {
            return BucketRefusals.NotFound;
        }

        try
        {
            var held = await Task.Run(
                () => new BucketTrash(volumes, bucket.Id).Page(after, count + 1, cancellationToken), cancellationToken);
            return Paging.Page(
                held, count, file => new TrashedFile(
                    file.Key, file.Name.ToString(), file.Length, file.DeletedAt,
                    file.DeletedAt.AddDays(bucket.Hold.DaysFor(file.DeletedAt)), file.Volume.Id),
                file => file.Key);
        }
        catch (BlobStoreException failure)
        {
            return BucketRefusals.Unavailable(failure);
        }
    }

    /// <summary>Restores deleted files: a few at once, many by a task.</summary>
    public async Task<Outcome<TrashRestored>> RestoreAsync(
        Caller caller, string bucketId, RestoreTrash request, CancellationToken cancellationToken)
    {
        if (request.Names is null == request.DeletedSince is null)
        {
            return Refusal.Invalid("restore_unclear", "Give either the names of files or the time since which they were deleted.");
        }

        var names = request.Names?.Select(BlobNames.Parse).OfType<BlobName>().ToList();
        if (names?.Count != request.Names?.Count || names is { Count: > MostNames })
        {
            return Refusal.Invalid(
                "name_invalid", $"Give at most {MostNames} names as the list of the trash has them, such as data/ and 64 hex digits.");
        }

        if (cache.Find(bucketId, caller.Scope) is not { } bucket)
        {
            return BucketRefusals.NotFound;
        }

        try
        {
            var since = request.DeletedSince?.ToUniversalTime() ?? default;
            IReadOnlyCollection<BlobName> wanted = names ?? await restoring.DeletedSinceAsync(bucket, since, cancellationToken);
            if (wanted.Count <= MostAtOnce)
            {
                return await restoring.RestoreAsync(bucket, wanted, run: null, caller.Name, cancellationToken);
            }

            var parameters = new RestoreTrashParameters(request.Names is null ? null : [.. request.Names], since);
            var start = await tasks.StartAsync(
                RestoreTrashKind.Word, bucket.Id, parameters, caller.Name, maxBytesPerSecond: null, cancellationToken);
            return start.TryGet(out var task, out var refusal) ? new TrashRestored(0, 0, 0, 0, 0, task) : refusal;
        }
        catch (TaskFailedException failure)
        {
            return Refusal.Conflict("task_unfinished", failure.Message);
        }
        catch (BlobStoreException failure)
        {
            return BucketRefusals.Unavailable(failure);
        }
    }
}
