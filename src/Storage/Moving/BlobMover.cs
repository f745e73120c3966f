using System.Buffers;
using System.Security.Cryptography;
using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Moving;

/// <summary>
/// Moves files from volume to volume while clients use them: copied, flushed, read back from the device, compared with the name, published,
/// and only then deleted from the source. A crash at any step leaves one copy or two equal ones, and the same move can be done again.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">How fast.</param>
/// <param name="time">The clock.</param>
public sealed partial class BlobMover(VolumeSet volumes, Pace pace, TimeProvider time)
{
    private const int BlockSize = 1 << 20;

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
            var hash = await HashAsync(reader.Length, reader.Read, block => copy.Append(block.Span), cancellation);
            if (!IsRight(file.Name, hash))
            {
                return MoveOutcome.Corrupt;
            }

            copy.Flush();
            copy.ForgetCached();
            var readBack = await HashAsync(copy.Length, copy.Read, null, cancellation);
            if (!readBack.AsSpan().SequenceEqual(hash))
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
        var theirs = await HashAsync(existing.Length, existing.Read, null, cancellation);
        var wanted = file.Name.Type == BlobType.Config
            ? await HashAsync(reader.Length, reader.Read, null, cancellation)
            : Convert.FromHexString(file.Name.Id);
        if (!theirs.AsSpan().SequenceEqual(wanted))
        {
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

    private async ValueTask<byte[]> HashAsync(long length, ReadBlock read, Action<ReadOnlyMemory<byte>>? also, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var began = time.GetTimestamp();
                var count = read(buffer.AsSpan(0, (int)Math.Min(BlockSize, length - offset)), offset);
                if (count == 0)
                {
                    throw new EndOfStreamException("A file became shorter while it was moved.");
                }

                hash.AppendData(buffer, 0, count);
                also?.Invoke(buffer.AsMemory(0, count));
                offset += count;
                await pace.SpendAsync(also is null ? 0 : count, began, cancellation); // the rate is that of files moved, however often they are read
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A config is not named by its content: the copy is compared with the source alone.
    private static bool IsRight(BlobName name, ReadOnlySpan<byte> hash) =>
        name.Type == BlobType.Config || hash.SequenceEqual(Convert.FromHexString(name.Id));

    private delegate int ReadBlock(Span<byte> buffer, long offset);
}
