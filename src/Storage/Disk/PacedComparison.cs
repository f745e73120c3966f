using System.Buffers;

namespace Halley.Storage.Disk;

/// <summary>Compares files in the background, at the pace that is set: several times as fast as hashing one of them.</summary>
internal sealed class PacedComparison(Pace pace, TimeProvider time)
{
    /// <summary>Returns true when both sources have the same bytes up to a length.</summary>
    public async ValueTask<bool> RunAsync(long length, ReadBlock one, ReadBlock other, CancellationToken cancellationToken)
    {
        var size = (int)Math.Min(Pace.LargestBlock, Math.Max(1, length));
        var (buffer, against) = (ArrayPool<byte>.Shared.Rent(size), ArrayPool<byte>.Shared.Rent(size));
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var began = time.GetTimestamp();
                var wanted = (int)Math.Min(Math.Min(size, pace.BlockSize), length - offset);
                if (Fill(one, buffer.AsSpan(0, wanted), offset) != wanted || Fill(other, against.AsSpan(0, wanted), offset) != wanted
                    || !buffer.AsSpan(0, wanted).SequenceEqual(against.AsSpan(0, wanted)))
                {
                    return false;
                }

                offset += wanted;
                await pace.SpendAsync(0, began, cancellationToken);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(against);
        }
    }

    // Returns fewer bytes than the buffer holds when the file ends early.
    private static int Fill(ReadBlock read, Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length && read(buffer[filled..], offset + filled) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }
}
