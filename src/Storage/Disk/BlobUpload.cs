using System.Buffers;
using System.Security.Cryptography;

namespace Halley.Storage.Disk;

/// <summary>
/// One upload on its way to disk. The body is hashed while it streams into the staging directory of a volume. If that volume fails, the
/// upload moves to another one. The file is published once its content matches its name.
/// </summary>
internal sealed class BlobUpload(BlobName name, long? announced, IUploadPlacement placement) : IDisposable
{
    /// <summary>
    /// Bytes that are hashed and written at once: large enough to make calls rare, small enough to stay in the processor's cache.
    /// </summary>
    private const int BlockSize = 128 * 1024;

    /// <summary>How often another process may take or clear the name between two steps before the upload fails.</summary>
    private const int PublishAttempts = 8;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private VaultDirectory? _vault;
    private DurableFile? _file;
    private long _length;

    /// <summary>Reads the body and stores it.</summary>
    public async ValueTask<PutResult> RunAsync(Stream content, CancellationToken cancellationToken)
    {
        var size = announced is { } known ? (int)Math.Min(BlockSize - 1, known) + 1 : BlockSize; // one more, to see the end
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            int filled;
            do
            {
                filled = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken);
                if (_length + filled > announced)
                {
                    return new(PutOutcome.LengthMismatch, _length + filled);
                }

                if (!Write(buffer.AsSpan(0, filled)))
                {
                    return new(placement.Shortage, _length + filled);
                }
            }
            while (filled == size);

            return new(_length < announced ? PutOutcome.LengthMismatch : Finish(), _length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash.Dispose();
    }

    private bool Write(ReadOnlySpan<byte> block)
    {
        if (_file is null && !MoveOn(null))
        {
            return false;
        }

        while (true)
        {
            if (!placement.TryCover(_length + block.Length))
            {
                if (!MoveOn(null))
                {
                    return false;
                }

                continue;
            }

            try
            {
                _file!.Append(block);
                _hash.AppendData(block);
                _length += block.Length;
                return true;
            }
            catch (Exception error) when (Errno.IsDiskError(error))
            {
                if (!MoveOn(error))
                {
                    return false;
                }
            }
        }
    }

    private PutOutcome Finish()
    {
        if (!HasRightContent())
        {
            return PutOutcome.HashMismatch;
        }

        if (name.Type != BlobType.Config)
        {
            return PublishSomewhere();
        }

        lock (placement.ConfigGate)
        {
            return PublishSomewhere();
        }
    }

    private PutOutcome PublishSomewhere()
    {
        for (var attempt = 0; attempt < PublishAttempts; attempt++)
        {
            try
            {
                if (Publish() is { } outcome)
                {
                    return outcome;
                }
            }
            catch (FileNotFoundException)
            {
                // The file found a moment ago is being moved to another volume: look again.
            }
            catch (Exception error) when (Errno.IsDiskError(error))
            {
                if (!MoveOn(error))
                {
                    return placement.Shortage;
                }
            }
        }

        throw new BlobStoreException(BlobStoreFault.DiskError, $"{name} kept appearing and vanishing while it was stored. Try again.");
    }

    private bool HasRightContent()
    {
        if (name.Type == BlobType.Config)
        {
            return _length > 0; // clients take an empty config for a destroyed vault
        }

        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> wanted = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetCurrentHash(actual);
        Convert.FromHexString(name.Id, wanted, out _, out _);
        return actual.SequenceEqual(wanted);
    }

    /// <summary>One attempt; null when the name was taken by something that is now out of the way.</summary>
    private PutOutcome? Publish()
    {
        var copies = placement.CopiesOf(name);
        if (copies.Any(IsDurableAndSame))
        {
            return PutOutcome.AlreadyPresent;
        }

        if (name.Type == BlobType.Config && copies.Count > 0)
        {
            return PutOutcome.Conflict;
        }

        if (_vault!.Publish(_file!, name))
        {
            return PutOutcome.Stored;
        }

        // A file of another length has the name, so its content cannot match it. (A copy that another process is making from another
        // volume looks the same; that copy then continues in quarantine, and this upload takes its place.)
        if (name.Type != BlobType.Config && _vault.Length(name) is { } length && length != _length)
        {
            Quarantine(_vault, length);
        }

        return null;
    }

    private bool IsDurableAndSame(BlobCopy copy)
    {
        if (name.Type == BlobType.Config)
        {
            return IsSameConfig(copy) && MakeDurable(copy.Vault);
        }

        try
        {
            if (copy.Length > _length)
            {
                // Longer than the right content, and too long for a copy in progress. It must go, because readers prefer the longest copy.
                Quarantine(copy.Vault, copy.Length);
            }

            return copy.Length == _length && MakeDurable(copy.Vault);
        }
        catch (Exception error) when (copy.Vault != _vault && error is not FileNotFoundException && Errno.IsDiskError(error))
        {
            return false; // that disk fails, this one need not: a second copy does no harm
        }
    }

    private void Quarantine(VaultDirectory vault, long length) =>
        vault.Quarantine(
            name, FindingKind.Corrupt, length, actualHash: null, vault.Now(), $"Its size is not the {_length} bytes that its content has.");

    private bool MakeDurable(VaultDirectory vault)
    {
        vault.EnsureDurable(name);
        return true;
    }

    private bool IsSameConfig(BlobCopy copy)
    {
        // Compare the current state: when the file was found, it may have been a copy in progress.
        using var existing = copy.Vault.Open(name) ?? throw new FileNotFoundException("config vanished while it was compared.");
        if (existing.Length != _length)
        {
            return false;
        }

        var ours = new byte[BlockSize];
        var theirs = new byte[BlockSize];
        for (long offset = 0; offset < _length; offset += BlockSize)
        {
            var read = _file!.Read(ours, offset);
            if (existing.Read(theirs, offset) != read || !ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Continues on the next volume and copies the bytes written so far. False when every volume is full.</summary>
    private bool MoveOn(Exception? error)
    {
        if (_file is { IsPublished: true })
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "The file is in place, but its directory could not be flushed.", error);
        }

        while (placement.Next(error) is { } vault)
        {
            DurableFile? replacement = null;
            try
            {
                replacement = vault.Begin();
                CopyWhatWasWritten(replacement);
                _file?.Dispose();
                (_file, _vault) = (replacement, vault);
                return true;
            }
            catch (Exception next) when (Errno.IsDiskError(next))
            {
                replacement?.Dispose();
                error = next;
            }
            catch
            {
                replacement?.Dispose();
                throw;
            }
        }

        return error is null || Errno.IsNoSpace(error)
            ? false
            : throw new BlobStoreException(
                BlobStoreFault.DiskError, "No volume could take the file; the server's log names the error.", error);
    }

    private void CopyWhatWasWritten(DurableFile target)
    {
        if (_file is null || _length == 0)
        {
            return;
        }

        // A disk that failed once may read back something else than was written, hence the second hash.
        using var copied = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        for (int read; target.Length < _length; copied.AppendData(block, 0, read))
        {
            read = ReadBack(block.AsSpan(0, (int)Math.Min(block.Length, _length - target.Length)), target.Length);
            target.Append(block.AsSpan(0, read));
        }

        if (!copied.GetHashAndReset().AsSpan().SequenceEqual(_hash.GetCurrentHash()))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "A failing volume did not give back what was written to it.");
        }
    }

    private int ReadBack(Span<byte> block, long offset)
    {
        try
        {
            return _file!.Read(block, offset) is > 0 and var read ? read : throw new EndOfStreamException("The file ends early.");
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "A failing volume could not be read back.", error);
        }
    }
}
