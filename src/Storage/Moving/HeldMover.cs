using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Storage.Moving;

/// <summary>Moves deleted files that are held from the trash of a volume to that of another, as when a volume is emptied.</summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">How fast.</param>
/// <param name="time">The clock.</param>
public sealed class HeldMover(VolumeSet volumes, Pace pace, TimeProvider time)
{
    private readonly PacedHash _hash = new(pace, time);

    /// <summary>
    /// Moves one file. The copy, read back, must equal the source. Whether a deleted file's content matches its name is checked when it is
    /// restored.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume is offline or a disk failed; the file is still on the source.</exception>
    public async ValueTask<MoveOutcome> MoveAsync(HeldPath file, Volume from, Volume to, CancellationToken cancellationToken)
    {
        var at = from;
        try
        {
            using var reader = new VolumeTrash(from).Open(file);
            if (reader is null)
            {
                from.EnsureOnline();
                return MoveOutcome.Gone;
            }

            at = to;
            to.EnsureOnline();
            return await MoveAsync(file, reader, from, to, cancellationToken);
        }
        catch (Exception error) when (Errno.IsNoSpace(error))
        {
            to.ReportFailedWrite();
            return MoveOutcome.NoRoom;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw at.Explain(error);
        }
    }

    private async ValueTask<MoveOutcome> MoveAsync(
        HeldPath file, DiskBlobReader reader, Volume from, Volume to, CancellationToken cancellationToken)
    {
        var (source, target) = (new VolumeTrash(from), new VolumeTrash(to));
        if (target.Length(file) is not null)
        {
            using var existing = target.EnsureDurable(file) ? target.Open(file) : null;
            return existing is null || existing.Length != reader.Length || !await AreEqualAsync(reader, existing, cancellationToken)
                ? MoveOutcome.Busy
                : Replace(file, source, () => target.Length(file) == existing.Length ? MoveOutcome.WasThere : MoveOutcome.Busy);
        }

        var promised = VolumeSpace.OnDisk(reader.Length);
        if (!to.Space.TryPromise(promised))
        {
            return MoveOutcome.NoRoom;
        }

        var stored = 0L;
        try
        {
            using var copy = target.Begin();
            var hash = await _hash.CopyAsync(reader, copy, cancellationToken);
            copy.Flush();
            copy.ForgetCached();
            if (!(await _hash.RunAsync(copy.Length, copy.Read, null, counts: false, cancellationToken)).AsSpan().SequenceEqual(hash))
            {
                to.ReportFailedWrite();
                throw new BlobStoreException(BlobStoreFault.DiskError, $"Volume {to.Id} did not give back what was written to it.");
            }

            reader.ForgetCached();
            var outcome = Replace(file, source, () =>
                source.Length(file) != copy.Length ? MoveOutcome.Gone : target.Publish(copy, file) ? MoveOutcome.Moved : MoveOutcome.Busy);
            stored = outcome == MoveOutcome.Moved ? promised : 0;
            return outcome;
        }
        finally
        {
            to.Space.Settle(promised, stored);
        }
    }

    // Under the gate of the file that it was: a restore finds it on the one volume or on the other.
    private MoveOutcome Replace(HeldPath file, VolumeTrash source, Func<MoveOutcome> publish)
    {
        lock (file.Origin is { } origin ? volumes.Gates.Of(origin.BucketId, origin.Name) : volumes.Gates.OfDiscarded)
        {
            var outcome = publish();
            if (outcome is MoveOutcome.Moved or MoveOutcome.WasThere)
            {
                source.Remove(file);
            }

            return outcome;
        }
    }

    private async ValueTask<bool> AreEqualAsync(DiskBlobReader one, DiskBlobReader other, CancellationToken cancellationToken)
    {
        other.ForgetCached();
        var theirs = await _hash.OfAsync(other, cancellationToken);
        var ours = await _hash.OfAsync(one, cancellationToken);
        return theirs.AsSpan().SequenceEqual(ours);
    }
}
