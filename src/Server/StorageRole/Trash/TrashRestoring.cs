using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Restores deleted files to their buckets, for a request or for a task.</summary>
internal sealed partial class TrashRestoring(
    VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<TrashRestoring> logger)
{
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public Task<IReadOnlyCollection<BlobName>> DeletedSinceAsync(OpenBucket bucket, DateTime since, CancellationToken cancellationToken) =>
        Task.Run(() => new BucketTrash(volumes, bucket.Id).DeletedSince(since, cancellationToken), cancellationToken);

    /// <summary>Restores files, counts each for <paramref name="run"/>, and writes the event.</summary>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    /// <exception cref="TaskFailedException">The bucket takes no files at the moment.</exception>
    public async Task<TrashRestored> RestoreAsync(
        OpenBucket bucket, IReadOnlyCollection<BlobName> names, TaskRun? run, string actor, CancellationToken cancellationToken)
    {
        if (!bucket.Writes.TryEnter())
        {
            throw new TaskFailedException("The bucket is being moved to another server. Try again in a few minutes.");
        }

        TrashRestored restored;
        try
        {
            restored = await Task.Run(() => Restore(bucket, names, run, cancellationToken), CancellationToken.None);
        }
        finally
        {
            bucket.Writes.Leave();
        }

        LogRestored(logger, restored.Restored, bucket.Id, actor);
        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        var data = JsonSerializer.Serialize(restored, JsonSerializerOptions.Web);
        database.Add(
            EventRecord.Of(StreamableEventType.BucketTrashRestored, time.GetUtcNow(), actor, bucket.OrganizationId, bucket.Id, data));
        await database.SaveChangesAsync(CancellationToken.None);
        return restored;
    }

    private TrashRestored Restore(OpenBucket bucket, IEnumerable<BlobName> names, TaskRun? run, CancellationToken cancellationToken)
    {
        var trash = new BucketTrash(volumes, bucket.Id);
        var sum = new TrashRestored(0, 0, 0, 0, 0);
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (outcome, length) = trash.Restore(name, cancellationToken);
            if (outcome == RestoreOutcome.Restored)
            {
                bucket.Usage.Restored(length);
            }

            run?.Done(1, length);
            sum = outcome switch
            {
                RestoreOutcome.Restored => sum with { Restored = sum.Restored + 1, Bytes = sum.Bytes + length },
                RestoreOutcome.Present => sum with { Present = sum.Present + 1 },
                RestoreOutcome.Corrupt => sum with { Corrupt = sum.Corrupt + 1 },
                _ => sum with { Missing = sum.Missing + 1 },
            };
        }

        return sum;
    }

    [LoggerMessage(LogEvents.TrashRestored, LogLevel.Information, "{Actor} restored {Files} deleted files to bucket {Bucket}")]
    private static partial void LogRestored(ILogger logger, long files, string bucket, string actor);
}

/// <summary>Files that a task restores.</summary>
/// <param name="Names">Their names in the vault; null for all that were deleted since a time.</param>
/// <param name="Since">That time.</param>
internal sealed record RestoreTrashParameters(IReadOnlyList<string>? Names, DateTime Since);

/// <summary>Restores many deleted files. Run again after a crash, it skips those that were already restored.</summary>
internal sealed class RestoreTrashKind(BucketCache cache, TrashRestoring restoring) : TaskKind
{
    public const string Word = "restore-trash";

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        if (!cache.TryFind(run.Subject, out var bucket))
        {
            throw new TaskFailedException("The bucket no longer exists. Cancel this task.");
        }

        var request = run.Parameters<RestoreTrashParameters>();
        var names = request.Names is { } given
            ? [.. given.Select(BlobNames.Parse).OfType<BlobName>()]
            : await restoring.DeletedSinceAsync(bucket, request.Since, cancellationToken);
        run.ExpectMore(names.Count, 0);
        var restored = await restoring.RestoreAsync(bucket, names, run, run.CreatedBy, cancellationToken);
        run.Log(
            $"{restored.Restored} files were restored; {restored.Present} were already in the bucket, "
            + $"{restored.Missing} were no longer in the trash, {restored.Corrupt} are damaged.");
    }
}
