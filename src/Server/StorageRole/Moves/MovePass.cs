using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Moves the files of a volume, a few at a time, until it has seen each once or has moved enough.</summary>
internal sealed class MovePass(BlobMover mover, MoveTargets targets, TaskRun run)
{
    private const int MostGroups = 4;
    private const int MostLines = 100;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);
    private long _moved;
    private long _begun;
    private int _stayed;
    private int _busy;
    private int _quarantined;

    /// <summary>Files that left the volume.</summary>
    public long Moved => Interlocked.Read(ref _moved);

    /// <summary>Files that could not be moved, each with a line in the task's log.</summary>
    public int Stayed => _stayed;

    /// <summary>Corrupt files that were moved to quarantine; the bucket no longer has them.</summary>
    public int Quarantined => _quarantined;

    /// <summary>Files of which another process was making a copy on the target.</summary>
    public int Busy => _busy;

    /// <summary>Runs it.</summary>
    /// <param name="source">The volume whose files go.</param>
    /// <param name="budget">Most bytes to move; null for all.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <exception cref="TaskFailedException">No target has room.</exception>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public async Task RunAsync(Volume source, long? budget, CancellationToken cancellationToken)
    {
        // A folder that cannot be read does not hold up the others. Files count when they are begun, so that no more than the budget is
        // moved.
        var files = source.Files(unreadable: _ => { })
            .TakeWhile(file => budget is null || Interlocked.Add(ref _begun, file.Length) - file.Length < budget);
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostGroups, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(MoveGroups.Of(files), options, async (group, token) =>
        {
            run.Pace.Enter();
            try
            {
                await MoveAsync(group, source, token);
            }
            finally
            {
                run.Pace.Leave();
            }
        });
    }

    private async Task MoveAsync(IReadOnlyList<VolumeFile> files, Volume source, CancellationToken cancellationToken)
    {
        while (true)
        {
            var settled = targets.Settled;
            files = await TryMoveAsync(files, source, cancellationToken);
            if (files.Count == 0)
            {
                return;
            }

            if (files.Count > 1)
            {
                foreach (var file in files)
                {
                    await MoveAsync([file], source, cancellationToken); // files that do not fit together may fit one by one
                }

                return;
            }

            if (targets.HaveRestedSince(settled))
            {
                throw new TaskFailedException(
                    $"No other volume has room for a file of {files[0].Length} bytes. "
                    + "Add a volume, make one writable, or raise the high-water mark; then resume.");
            }

            await Task.Delay(Moment, cancellationToken); // files on their way may not need all the room that is reserved for them
        }
    }

    /// <summary>Tries one volume after the other. Returns the files for which none has room.</summary>
    private async Task<IReadOnlyList<VolumeFile>> TryMoveAsync(
        IReadOnlyList<VolumeFile> files, Volume source, CancellationToken cancellationToken)
    {
        foreach (var target in targets.InOrderFor(files.Sum(file => file.Length)))
        {
            var length = files.Sum(file => file.Length);
            if (!targets.TryTake(target, length))
            {
                continue;
            }

            IReadOnlyList<MoveResult> results;
            try
            {
                results = await mover.MoveAsync(files, source, target, cancellationToken);
            }
            finally
            {
                targets.Took(target, length);
            }

            files = [.. files.Where((file, index) => !Count(file, results[index]))];
            if (files.Count == 0)
            {
                break;
            }
        }

        return files;
    }

    // False when the target had no room for it.
    private bool Count(VolumeFile file, MoveResult result)
    {
        if (result.Outcome == MoveOutcome.NoRoom)
        {
            return false;
        }

        if (result.Outcome is not (MoveOutcome.Moved or MoveOutcome.WasThere))
        {
            Interlocked.Add(ref _begun, -file.Length);
        }

        switch (result.Outcome)
        {
            case MoveOutcome.Moved or MoveOutcome.WasThere:
                Interlocked.Increment(ref _moved);
                run.Done(1, file.Length);
                break;
            case MoveOutcome.Busy:
                Interlocked.Increment(ref _busy);
                break;
            case MoveOutcome.Corrupt:
                Interlocked.Increment(ref _quarantined);
                run.Log(
                    $"{file.BucketId}/{file.Name} was moved to quarantine: it does not match its name, or the disk cannot read it");
                break;
            case MoveOutcome.Failed:
                Stay(file, result.Problem!.Message); // one bad sector must not hold up all other files
                break;
        }

        return true;
    }

    private void Stay(VolumeFile file, string reason)
    {
        if (Interlocked.Increment(ref _stayed) <= MostLines)
        {
            run.Log($"{file.BucketId}/{file.Name} stays: {reason}");
        }
    }
}

/// <summary>Groups of files that are moved together: small ones of one folder, which share their flushes, or a single large one.</summary>
internal static class MoveGroups
{
    private const int MostFiles = 32;
    private const long MostBytes = 4 << 20;

    /// <summary>Groups files that are ordered by folder, and keeps their order.</summary>
    public static IEnumerable<IReadOnlyList<VolumeFile>> Of(IEnumerable<VolumeFile> files)
    {
        var (group, bytes) = (new List<VolumeFile>(), 0L);
        foreach (var file in files)
        {
            if (group.Count > 0 && (group.Count == MostFiles || bytes + file.Length > MostBytes || !file.IsBeside(group[0])))
            {
                yield return group;
                (group, bytes) = ([], 0);
            }

            group.Add(file);
            bytes += file.Length;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }
}
