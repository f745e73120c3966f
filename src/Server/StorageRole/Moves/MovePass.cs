using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Goes once over the files of a volume and moves them, a few at a time, until all were seen or enough has been moved.</summary>
internal sealed class MovePass(BlobMover mover, MoveTargets targets, TaskRun run)
{
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
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <exception cref="TaskFailedException">No target has room.</exception>
    /// <exception cref="BlobStoreException">A volume is off line.</exception>
    public async Task RunAsync(Volume source, long? budget, CancellationToken cancellation)
    {
        // Those on their way are counted, so that no more than the budget is moved.
        var files = source.Files().TakeWhile(file => budget is null || Interlocked.Add(ref _begun, file.Length) - file.Length < budget);
        using var window = new MoveWindow(run.Pace);
        var options = new ParallelOptions { MaxDegreeOfParallelism = MoveWindow.MostFiles, CancellationToken = cancellation };
        await Parallel.ForEachAsync(window.LetInAsync(files, cancellation), options, async (file, token) =>
        {
            try
            {
                await MoveAsync(file, source, token);
            }
            finally
            {
                window.Leave(file);
            }
        });
    }

    private async Task MoveAsync(VolumeFile file, Volume source, CancellationToken cancellation)
    {
        while (true)
        {
            var settled = targets.Settled;
            if (await TryMoveAsync(file, source, cancellation))
            {
                return;
            }

            if (targets.HaveRestedSince(settled))
            {
                throw new TaskFailedException(
                    $"No other volume has room for a file of {file.Length} bytes. Add a volume, make one writable, or raise the high-water mark; then resume.");
            }

            await Task.Delay(Moment, cancellation); // room was kept for files on their way that may not need it
        }
    }

    // False when no volume has room.
    private async Task<bool> TryMoveAsync(VolumeFile file, Volume source, CancellationToken cancellation)
    {
        foreach (var target in targets.InOrderFor(file.Length))
        {
            if (!targets.TryTake(target, file.Length))
            {
                continue;
            }

            MoveOutcome? outcome;
            try
            {
                outcome = await TryMoveAsync(file, source, target, cancellation);
            }
            finally
            {
                targets.Took(target, file.Length);
            }

            if (outcome == MoveOutcome.NoRoom)
            {
                continue;
            }

            Count(file, outcome);
            return true;
        }

        return false;
    }

    private async Task<MoveOutcome?> TryMoveAsync(VolumeFile file, Volume source, Volume target, CancellationToken cancellation)
    {
        try
        {
            return await mover.MoveAsync(file, source, target, cancellation);
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            Stay(file, error.Message); // one bad sector does not hold up all other files
            return null;
        }
    }

    private void Count(VolumeFile file, MoveOutcome? outcome)
    {
        if (outcome is not (MoveOutcome.Moved or MoveOutcome.WasThere))
        {
            Interlocked.Add(ref _begun, -file.Length);
        }

        switch (outcome)
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
        }
    }

    private void Stay(VolumeFile file, string reason)
    {
        if (Interlocked.Increment(ref _stayed) <= MostLines)
        {
            run.Log($"{file.BucketId}/{file.Name} stays: {reason}");
        }
    }
}
