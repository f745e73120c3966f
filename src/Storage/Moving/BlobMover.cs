using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;

namespace Halley.Storage.Moving;

/// <summary>
/// Moves files from volume to volume while clients use them: copied and compared with the name, flushed, read back from the device and
/// compared with the source, published, and only then deleted from the source. A crash at any step leaves one copy or two equal ones, and the same move can be done again.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">How fast.</param>
/// <param name="time">The clock.</param>
public sealed partial class BlobMover(VolumeSet volumes, Pace pace, TimeProvider time)
{
    private readonly PacedHash _hash = new(pace, time);
    private readonly PacedComparison _comparison = new(pace, time);
    private readonly FileCheck _check = new(volumes, pace, time);

    /// <summary>Moves one file.</summary>
    /// <exception cref="BlobStoreException">A volume is off line or a disk failed; the file is still where it was.</exception>
    public async ValueTask<MoveOutcome> MoveAsync(VolumeFile file, Volume from, Volume to, CancellationToken cancellation)
    {
        var at = from;
        try
        {
            var source = from.Bucket(file.BucketId);
            using var reader = source.Open(file.Name);
            if (reader is null)
            {
                from.EnsureOnline();
                return MoveOutcome.Gone;
            }

            at = to;
            var target = to.Bucket(file.BucketId);
            if (target.Length(file.Name) is { } existing)
            {
                return existing == reader.Length ? await JoinAsync(file, reader, (from, source), (to, target), cancellation) : MoveOutcome.Busy;
            }

            return await CopyAsync(file, reader, (from, source), (to, target), cancellation);
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

    private async ValueTask<MoveOutcome> CopyAsync(
        VolumeFile file, DiskBlobReader reader, (Volume Volume, VaultDirectory Vault) from, (Volume Volume, VaultDirectory Vault) to, CancellationToken cancellation)
    {
        var promised = VolumeSpace.OnDisk(reader.Length);
        to.Volume.EnsureOnline(); // nothing is ever written below a mount point whose disk has gone
        if (!to.Volume.Space.TryPromise(promised))
        {
            return MoveOutcome.NoRoom;
        }

        var stored = 0L;
        try
        {
            using var copy = to.Vault.Begin();
            var hash = await TryHashAsync(reader, copy, cancellation);
            if (hash is null || !IsRight(file.Name, hash))
            {
                return await JudgeAsync(file, from.Volume, cancellation);
            }

            var began = time.GetTimestamp();
            copy.Flush();
            copy.ForgetCached();
            await pace.SpendAsync(0, began, cancellation);
            // With the source, whose content has just been found right: no second hash is needed.
            if (copy.Length != reader.Length || !await _comparison.RunAsync(copy.Length, copy.Read, reader.Read, cancellation))
            {
                to.Volume.ReportFailedWrite();
                throw new BlobStoreException(BlobStoreFault.DiskError, $"Volume {to.Volume.Id} did not give back what was written to it.");
            }

            copy.ForgetCached();
            reader.ForgetCached();
            var outcome = Replace(file, from.Vault, to.Vault, copy);
            stored = outcome == MoveOutcome.Moved ? promised : 0;
            return outcome;
        }
        finally
        {
            to.Volume.Space.Settle(promised, stored);
        }
    }

    // Under the gate: a client that deletes the file does so before this, and there is nothing left to move, or after it, and deletes the copy.
    private MoveOutcome Replace(VolumeFile file, VaultDirectory source, VaultDirectory target, DurableFile copy)
    {
        lock (volumes.Gates.Of(file.BucketId, file.Name))
        {
            if (source.Length(file.Name) != copy.Length)
            {
                return MoveOutcome.Gone;
            }

            if (!target.Publish(copy, file.Name))
            {
                return MoveOutcome.Busy;
            }

            source.Delete(file.Name);
            return MoveOutcome.Moved;
        }
    }

    /// <summary>The target has a file of that name and length: left by a move that was interrupted, or copied by an operator.</summary>
    private async ValueTask<MoveOutcome> JoinAsync(
        VolumeFile file, DiskBlobReader reader, (Volume Volume, VaultDirectory Vault) from, (Volume Volume, VaultDirectory Vault) to, CancellationToken cancellation)
    {
        to.Vault.EnsureDurable(file.Name);
        using var existing = to.Vault.Open(file.Name);
        if (existing is null || existing.Length != reader.Length)
        {
            return MoveOutcome.Busy;
        }

        existing.ForgetCached();
        var theirs = await _hash.RunAsync(existing.Length, existing.Read, null, counts: false, cancellation);
        var wanted = file.Name.Type == BlobType.Config
            ? await _hash.RunAsync(reader.Length, reader.Read, null, counts: false, cancellation)
            : Convert.FromHexString(file.Name.Id);
        if (!theirs.AsSpan().SequenceEqual(wanted))
        {
            await JudgeAsync(file, to.Volume, cancellation);
            return MoveOutcome.Busy;
        }

        lock (volumes.Gates.Of(file.BucketId, file.Name))
        {
            if (to.Vault.Length(file.Name) != existing.Length)
            {
                return MoveOutcome.Busy; // the operator took it back
            }

            return from.Vault.Delete(file.Name) is null ? MoveOutcome.Gone : MoveOutcome.WasThere;
        }
    }

    // null when the disk cannot read this file
    private async ValueTask<byte[]?> TryHashAsync(DiskBlobReader reader, DurableFile copy, CancellationToken cancellation)
    {
        try
        {
            return await _hash.RunAsync(reader.Length, reader.Read, block => copy.Append(block.Span), counts: true, cancellation);
        }
        catch (BlobStoreException error) when (error.InnerException is { } cause && Errno.IsUnreadable(cause))
        {
            return null;
        }
    }

    /// <summary>A copy is not what its name says: it is read once more, and goes to quarantine as it does in a scrub.</summary>
    private async ValueTask<MoveOutcome> JudgeAsync(VolumeFile file, Volume volume, CancellationToken cancellation) =>
        await _check.RunAsync(volume, file.BucketId, file.Name, cancellation) switch
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
