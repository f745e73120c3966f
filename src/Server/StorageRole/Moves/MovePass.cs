using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Goes once over the files of a volume and moves them, a few at a time, until all were seen or enough has been moved.</summary>
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

    /// <summary>Corrupt files that went to quarantine; their names are absent now.</summary>
    public int Quarantined => _quarantined;

    /// <summary>Files of which somebody else was just making a copy on the target.</summary>
    public int Busy => _busy;

    /// <summary>Runs it.</summary>
    /// <param name="source">The volume whose files go.</param>
    /// <param name="budget">Most bytes to move; null for all.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <exception cref="TaskFailedException">No target has room.</exception>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public async Task RunAsync(Volume source, long? budget, CancellationToken cancellationToken)
    {
        // Those on their way are counted, so that no more than the budget is moved.
        var files = source.Files().TakeWhile(file => budget is null || Interlocked.Add(ref _begun, file.Length) - file.Length < budget);
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
                    await MoveAsync([file], source, cancellationToken); // what does not fit together may fit one by one
                }

                return;
            }

            if (targets.HaveRestedSince(settled))
            {
                throw new TaskFailedException(
                    $"No other volume has room for a file of {files[0].Length} bytes. Add a volume, make one writable, or raise the high-water mark; then resume.");
            }

            await Task.Delay(Moment, cancellationToken); // room was kept for files on their way that may not need it
        }
    }

    /// <summary>Tries one volume after the other, and returns the files for which none has room.</summary>
    private async Task<IReadOnlyList<VolumeFile>> TryMoveAsync(IReadOnlyList<VolumeFile> files, Volume source, CancellationToken cancellationToken)
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

    // False when there was no room for it.
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
                run.Log($"{file.BucketId}/{file.Name} went to quarantine: its content is not what its name says, or the disk cannot read it");
                break;
            case MoveOutcome.Failed:
                Stay(file, result.Problem!.Message); // one bad sector does not hold up all other files
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
