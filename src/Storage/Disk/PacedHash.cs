using System.Buffers;
using System.Security.Cryptography;

namespace Halley.Storage.Disk;

/// <summary>Reads a block from a position; returns 0 past the end.</summary>
internal delegate int ReadBlock(Span<byte> buffer, long offset);

/// <summary>Hashes files in the background, at the pace that is set.</summary>
internal sealed class PacedHash(Pace pace, TimeProvider time)
{
    /// <summary>SHA-256 of a file that is read again; its bytes don't count for the rate.</summary>
    public ValueTask<byte[]> OfAsync(DiskBlobReader file, CancellationToken cancellationToken) =>
        RunAsync(file.Length, file.Read, null, counts: false, cancellationToken);

    /// <summary>
    /// Copies a file and returns the SHA-256 of the bytes read. Each block is written at once instead of at the flush, which keeps the
    /// flush short. While clients are served, this also waits for each block: a client's flush then queues behind one block at most.
    /// </summary>
    public ValueTask<byte[]> CopyAsync(DiskBlobReader file, DurableFile copy, CancellationToken cancellationToken) => RunAsync(
        file.Length,
        file.Read,
        block =>
        {
            copy.Append(block.Span);
            copy.StartWriting(block.Length, wait: pace.IsBusy);
        },
        counts: true,
        cancellationToken);

    /// <summary>SHA-256 of a file.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="also">Called with each block.</param>
    /// <param name="counts">True when these bytes count for the rate.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    public async ValueTask<byte[]> RunAsync(
        long length, ReadBlock read, Action<ReadOnlyMemory<byte>>? also, bool counts, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var size = (int)Math.Min(Pace.LargestBlock, Math.Max(1, length));
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var began = time.GetTimestamp();
                var count = read(buffer.AsSpan(0, (int)Math.Min(Math.Min(size, pace.BlockSize), length - offset)), offset);
                if (count == 0)
                {
                    throw new EndOfStreamException("A file became shorter while it was read.");
                }

                hash.AppendData(buffer, 0, count);
                also?.Invoke(buffer.AsMemory(0, count));
                offset += count;
                await pace.SpendAsync(counts ? count : 0, began, cancellationToken);
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
