using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Storage.Moving;

// what was deleted and is held goes along when a volume is emptied
public sealed partial class BlobMover
{
    /// <summary>
    /// Moves a file of the trash to the trash of another volume. What is read back must equal what was read: whether a deleted file has the
    /// content that its name says is looked at when it is restored.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume is offline or a disk failed; the file is still where it was.</exception>
    public async ValueTask<MoveOutcome> MoveHeldAsync(HeldPath file, Volume from, Volume to, CancellationToken cancellationToken)
    {
        var at = from;
        try
        {
            using var reader = from.OpenHeld(file);
            if (reader is null)
            {
                from.EnsureOnline();
                return MoveOutcome.Gone;
            }

            at = to;
            to.EnsureOnline();
            return await MoveHeldAsync(file, reader, from, to, cancellationToken);
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

    private async ValueTask<MoveOutcome> MoveHeldAsync(HeldPath file, DiskBlobReader reader, Volume from, Volume to, CancellationToken cancellationToken)
    {
        if (to.LengthOfHeld(file) is not null)
        {
            using var existing = to.EnsureHeldDurable(file) ? to.OpenHeld(file) : null;
            return existing is null || existing.Length != reader.Length || !await AreEqualAsync(reader, existing, cancellationToken)
                ? MoveOutcome.Busy
                : ReplaceHeld(file, from, () => to.LengthOfHeld(file) == existing.Length ? MoveOutcome.WasThere : MoveOutcome.Busy);
        }

        var promised = VolumeSpace.OnDisk(reader.Length);
        if (!to.Space.TryPromise(promised))
        {
            return MoveOutcome.NoRoom;
        }

        var stored = 0L;
        try
        {
            using var copy = to.BeginHeld();
            var hash = await _hash.RunAsync(reader.Length, reader.Read, block => Append(copy, block.Span), counts: true, cancellationToken);
            copy.Flush();
            copy.ForgetCached();
            if (!(await _hash.RunAsync(copy.Length, copy.Read, null, counts: false, cancellationToken)).AsSpan().SequenceEqual(hash))
            {
                to.ReportFailedWrite();
                throw new BlobStoreException(BlobStoreFault.DiskError, $"Volume {to.Id} did not give back what was written to it.");
            }

            reader.ForgetCached();
            var outcome = ReplaceHeld(file, from, () =>
                from.LengthOfHeld(file) != copy.Length ? MoveOutcome.Gone : to.PublishHeld(copy, file) ? MoveOutcome.Moved : MoveOutcome.Busy);
            stored = outcome == MoveOutcome.Moved ? promised : 0;
            return outcome;
        }
        finally
        {
            to.Space.Settle(promised, stored);
        }
    }

    // Under the gate: a restore finds the file on the one volume or on the other.
    private MoveOutcome ReplaceHeld(HeldPath file, Volume from, Func<MoveOutcome> publish)
    {
        lock (volumes.Gates.Of(file))
        {
            var outcome = publish();
            if (outcome is MoveOutcome.Moved or MoveOutcome.WasThere)
            {
                from.RemoveHeld(file);
            }

            return outcome;
        }
    }

    private async ValueTask<bool> AreEqualAsync(DiskBlobReader one, DiskBlobReader other, CancellationToken cancellationToken)
    {
        other.ForgetCached();
        var theirs = await _hash.RunAsync(other.Length, other.Read, null, counts: false, cancellationToken);
        var ours = await _hash.RunAsync(one.Length, one.Read, null, counts: false, cancellationToken);
        return theirs.AsSpan().SequenceEqual(ours);
    }
}
