using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Gives buckets deleted files back: a few at once, many as a task.</summary>
internal sealed partial class TrashRestoring(
    VolumeSet volumes, TaskRunner tasks, IDbContextFactory<ServerDbContext> databases, TimeProvider time,
    ILogger<TrashRestoring> logger)
{
    private const int MostAtOnce = 1000;

    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public async Task<TrashRestored> RestoreAsync(OpenBucket bucket, IReadOnlyCollection<BlobName>? names, DateTime since, string actor, CancellationToken cancellationToken)
    {
        var given = names?.Select(name => name.ToString()).ToList();
        names ??= await DeletedSinceAsync(bucket, since, cancellationToken);
        if (names.Count > MostAtOnce)
        {
            var start = await tasks.StartAsync(RestoreTrashKind.Word, bucket.Id, new RestoreTrashParameters(given, since), actor, null, cancellationToken);
            return start.Task is { } task ? new TrashRestored(0, 0, 0, 0, 0, task) : throw new TaskFailedException(start.Reason!);
        }

        var restored = await Task.Run(() => Restore(bucket, names, null, cancellationToken), CancellationToken.None);
        await TellAsync(bucket, restored, actor);
        return restored;
    }

    public Task<IReadOnlyCollection<BlobName>> DeletedSinceAsync(OpenBucket bucket, DateTime since, CancellationToken cancellationToken) =>
        Task.Run(() => volumes.OpenTrash(bucket.Id).DeletedSince(since, cancellationToken), cancellationToken);

    /// <summary>Gives files back, and tells a task of each.</summary>
    public TrashRestored Restore(OpenBucket bucket, IEnumerable<BlobName> names, TaskRun? run, CancellationToken cancellationToken)
    {
        if (!bucket.Writes.TryEnter())
        {
            throw new TaskFailedException("The bucket is just being moved to another server. Try again in a few minutes.");
        }

        try
        {
            return RestoreNow(bucket, names, run, cancellationToken);
        }
        finally
        {
            bucket.Writes.Leave();
        }
    }

    private TrashRestored RestoreNow(OpenBucket bucket, IEnumerable<BlobName> names, TaskRun? run, CancellationToken cancellationToken)
    {
        var trash = volumes.OpenTrash(bucket.Id);
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

    public async Task TellAsync(OpenBucket bucket, TrashRestored restored, string actor)
    {
        LogRestored(logger, restored.Restored, bucket.Id, actor);
        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        database.Add(EventRecord.Of(
            StreamableEventType.BucketTrashRestored, time.GetUtcNow(), actor, bucket.OrganizationId, bucket.Id, JsonSerializer.Serialize(restored, JsonSerializerOptions.Web)));
        await database.SaveChangesAsync(CancellationToken.None);
    }

    [LoggerMessage(LogEvents.TrashRestored, LogLevel.Information, "{Files} deleted files were given back to bucket {Bucket} by {Actor}")]
    private static partial void LogRestored(ILogger logger, long files, string bucket, string actor);
}

/// <summary>Files that a task gives back.</summary>
/// <param name="Names">Their names in the vault; null for all that were deleted since a time.</param>
/// <param name="Since">That time.</param>
internal sealed record RestoreTrashParameters(IReadOnlyList<string>? Names, DateTime Since);

/// <summary>The task that gives many deleted files back. Done again after a crash, it finds those that are back already.</summary>
internal sealed class RestoreTrashKind(BucketDirectory directory, IServiceProvider services) : TaskKind
{
    public const string Word = "restore-trash";

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        if (!directory.TryFind(run.Subject, out var bucket))
        {
            throw new TaskFailedException("The bucket does not exist any more. Cancel this task.");
        }

        var restoring = services.GetRequiredService<TrashRestoring>(); // not before: it needs the runner, which needs the kinds
        var request = run.Parameters<RestoreTrashParameters>();
        var names = request.Names is { } given
            ? [.. given.Select(TrashApi.Parse).OfType<BlobName>()]
            : await restoring.DeletedSinceAsync(bucket, request.Since, cancellationToken);
        run.ExpectMore(names.Count, 0);
        var restored = restoring.Restore(bucket, names, run, cancellationToken);
        run.Log($"{restored.Restored} files are back; {restored.Present} were there already, {restored.Missing} were no longer in the trash, {restored.Corrupt} are damaged.");
        await restoring.TellAsync(bucket, restored, run.CreatedBy);
    }
}
