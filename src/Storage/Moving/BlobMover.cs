using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;

namespace Halley.Storage.Moving;

/// <summary>
/// Moves files from volume to volume while clients use them: copied and compared with the name, flushed, read back from the device and
/// compared with the source, published, and only then deleted from the source. A crash at any step leaves one copy or two equal ones, and
/// the same move can be done again.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">How fast.</param>
/// <param name="time">The clock.</param>
public sealed class BlobMover(VolumeSet volumes, Pace pace, TimeProvider time)
{
    private readonly PacedHash _hash = new(pace, time);
    private readonly PacedComparison _comparison = new(pace, time);
    private readonly FileCheck _check = new(volumes, pace, time);

    /// <summary>
    /// Moves files together, step by step. Files of one folder share the flushes of that folder. While one file is processed, the disks
    /// read and write the others.
    /// </summary>
    /// <param name="files">The files; preferably of one folder, and a few megabytes in total.</param>
    /// <param name="from">The source volume.</param>
    /// <param name="to">The target volume.</param>
    /// <param name="cancellationToken">Stops between two blocks; each file is then still on the source.</param>
    /// <returns>The result for each file, in the same order.</returns>
    /// <exception cref="BlobStoreException">A volume is offline. Every file is still on the source, or on both volumes.</exception>
    public async ValueTask<IReadOnlyList<MoveResult>> MoveAsync(
        IReadOnlyList<VolumeFile> files, Volume from, Volume to, CancellationToken cancellationToken)
    {
        List<FileMove> moves = [.. files.Select(file => new FileMove(file, from, to))];
        try
        {
            to.EnsureOnline(); // nothing is ever written below a mount point whose disk has gone
            await EachAsync(moves, from, move => Open(move, from));
            await EachAsync(moves, to, move => BeginAsync(move, from, to, cancellationToken));
            await FlushTogetherAsync(moves, cancellationToken);
            await EachAsync(moves, to, move => FlushAsync(move, cancellationToken));
            await EachAsync(moves, to, move => CompareAsync(move, to, cancellationToken));
            await EachAsync(moves, to, Publish);
            await EachAsync(FirstOfEachFolder(moves), to, move => Flush(move.Target, move, moves));
            await EachAsync(moves, from, DeleteSource);
            await EachAsync(FirstOfEachFolder(moves), from, move => Flush(move.Source, move, moves));
            await EachAsync(moves, from, move => End(move, MoveOutcome.Moved));
            return [.. moves.Select(move => move.Result)];
        }
        finally
        {
            moves.ForEach(move => move.Dispose());
        }
    }

    /// <summary>
    /// Runs one step for each file that is still on its way. An error of the disk fails that file alone, unless the volume has gone.
    /// </summary>
    private static async ValueTask EachAsync(IEnumerable<FileMove> moves, Volume at, Func<FileMove, ValueTask> step)
    {
        foreach (var move in moves.Where(move => move.IsUnderway))
        {
            try
            {
                await step(move);
            }
            catch (Exception error) when (Errno.IsNoSpace(error))
            {
                at.ReportFailedWrite();
                move.End(MoveOutcome.NoRoom);
            }
            catch (Exception error) when (Errno.IsDiskError(error))
            {
                var problem = at.Explain(error);
                move.Fail(problem.Fault == BlobStoreFault.DiskError ? problem : throw problem);
            }
            catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
            {
                move.Fail(error);
            }
        }
    }

    private static ValueTask End(FileMove move, MoveOutcome outcome)
    {
        move.End(outcome);
        return ValueTask.CompletedTask;
    }

    private ValueTask Open(FileMove move, Volume from)
    {
        move.Reader = move.Source.Open(move.File.Name);
        if (move.Reader is null)
        {
            from.EnsureOnline();
            return End(move, MoveOutcome.Gone);
        }

        if (!pace.IsBusy)
        {
            move.Reader.Prefetch();
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask BeginAsync(FileMove move, Volume from, Volume to, CancellationToken cancellationToken)
    {
        var reader = move.Reader!;
        if (move.Target.Length(move.File.Name) is { } existing)
        {
            move.End(existing == reader.Length ? await JoinAsync(move, reader, to, cancellationToken) : MoveOutcome.Busy);
            return;
        }

        if (!move.TryBegin())
        {
            move.End(MoveOutcome.NoRoom);
        }
        else if (await TryHashAsync(reader, move.Copy!, cancellationToken) is not { } hash || !IsRight(move.File.Name, hash))
        {
            move.End(await JudgeAsync(move.File, from, cancellationToken));
        }
    }

    private async ValueTask FlushTogetherAsync(List<FileMove> moves, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        DurableFile.FlushTogether([.. moves.Where(move => move.IsUnderway).Select(move => move.Copy!)]);
        await pace.SpendAsync(0, began, cancellationToken);
    }

    private async ValueTask FlushAsync(FileMove move, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        move.Copy!.Flush();
        move.Copy.ForgetCached();
        if (!pace.IsBusy)
        {
            move.Copy.Prefetch();
        }

        await pace.SpendAsync(0, began, cancellationToken);
    }

    // Compares with the source, whose content has just been verified: no second hash is needed.
    private async ValueTask CompareAsync(FileMove move, Volume to, CancellationToken cancellationToken)
    {
        var (reader, copy) = (move.Reader!, move.Copy!);
        if (copy.Length != reader.Length || !await _comparison.RunAsync(copy.Length, copy.Read, reader.Read, cancellationToken))
        {
            to.ReportFailedWrite();
            throw new BlobStoreException(BlobStoreFault.DiskError, $"Volume {to.Id} did not give back what was written to it.");
        }

        copy.ForgetCached();
        reader.ForgetCached();
    }

    // Under the gate: a client deletes the file either before this, and nothing is left to move, or after it, and then it deletes both
    // copies.
    private ValueTask Publish(FileMove move)
    {
        lock (volumes.Gates.Of(move.File.BucketId, move.File.Name))
        {
            return move.Source.Length(move.File.Name) != move.Copy!.Length ? End(move, MoveOutcome.Gone)
                : !move.Target.TryName(move.Copy, move.File.Name) ? End(move, MoveOutcome.Busy)
                : ValueTask.CompletedTask;
        }
    }

    // Only if the target still has it: its owner may have deleted both meanwhile, or an operator may have removed the target's copy.
    private ValueTask DeleteSource(FileMove move)
    {
        lock (volumes.Gates.Of(move.File.BucketId, move.File.Name))
        {
            return move.Target.Length(move.File.Name) == move.Copy!.Length && move.Source.Unlink(move.File.Name)
                ? ValueTask.CompletedTask
                : End(move, MoveOutcome.Gone);
        }
    }

    private static IEnumerable<FileMove> FirstOfEachFolder(List<FileMove> moves) =>
        [.. moves.Where(move => move.IsUnderway).DistinctBy(move => (move.File.BucketId, VaultDirectory.FolderOf(move.File.Name)))];

    private static ValueTask Flush(VaultDirectory vault, FileMove first, List<FileMove> moves)
    {
        try
        {
            vault.FlushFolder(first.File.Name);
            return ValueTask.CompletedTask;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            var problem = new BlobStoreException(BlobStoreFault.DiskError, "The disk could not make a folder durable.", error);
            foreach (var move in moves.Where(move => move.IsUnderway && move.File.IsBeside(first.File)))
            {
                move.Fail(problem);
            }

            throw;
        }
    }

    /// <summary>The target has a file of that name and length: left by a move that was interrupted, or copied by an operator.</summary>
    private async ValueTask<MoveOutcome> JoinAsync(FileMove move, DiskBlobReader reader, Volume to, CancellationToken cancellationToken)
    {
        var file = move.File;
        move.Target.EnsureDurable(file.Name);
        using var existing = move.Target.Open(file.Name);
        if (existing is null || existing.Length != reader.Length)
        {
            return MoveOutcome.Busy;
        }

        existing.ForgetCached();
        var theirs = await _hash.OfAsync(existing, cancellationToken);
        var wanted = file.Name.Type == BlobType.Config
            ? await _hash.OfAsync(reader, cancellationToken)
            : Convert.FromHexString(file.Name.Id);
        if (!theirs.AsSpan().SequenceEqual(wanted))
        {
            await JudgeAsync(file, to, cancellationToken);
            return MoveOutcome.Busy;
        }

        lock (volumes.Gates.Of(file.BucketId, file.Name))
        {
            return move.Target.Length(file.Name) != existing.Length ? MoveOutcome.Busy // the operator took it back
                : move.Source.Delete(file.Name) is null ? MoveOutcome.Gone
                : MoveOutcome.WasThere;
        }
    }

    // null when the disk cannot read this file
    private async ValueTask<byte[]?> TryHashAsync(DiskBlobReader reader, DurableFile copy, CancellationToken cancellationToken)
    {
        try
        {
            return await _hash.CopyAsync(reader, copy, cancellationToken);
        }
        catch (BlobStoreException error) when (error.InnerException is { } cause && Errno.IsUnreadable(cause))
        {
            return null;
        }
    }

    /// <summary>Handles a copy whose content differs from its name: reads it once more, and quarantines it as a scrub does.</summary>
    private async ValueTask<MoveOutcome> JudgeAsync(VolumeFile file, Volume volume, CancellationToken cancellationToken) =>
        await _check.RunAsync(volume, file.BucketId, file.Name, cancellationToken) switch
        {
            { Outcome: CheckOutcome.Gone } => MoveOutcome.Gone,
            { Finding.KeptAs: not null } => MoveOutcome.Corrupt,
            { Finding: { } finding } => throw new BlobStoreException(BlobStoreFault.DiskError, finding.Reason),
            _ => MoveOutcome.Busy,
        };

    // A config is not named by its content: the copy is compared with the source alone.
    private static bool IsRight(BlobName name, ReadOnlySpan<byte> hash) =>
        name.Type == BlobType.Config || hash.SequenceEqual(Convert.FromHexString(name.Id));
}
