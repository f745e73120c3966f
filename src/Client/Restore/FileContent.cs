using System.Buffers;
using System.Security.Cryptography;
using Halley.Client.Repository;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Restore;

/// <summary>A chunk and its place in a file.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Number">Its number in the index.</param>
/// <param name="Offset">Where it begins in the file, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct FilePiece(BlobId Id, int Number, long Offset, uint Length);

/// <summary>Reads and writes what files of the target contain.</summary>
internal static class FileContent
{
    private const int BufferSize = 1 << 18;
    private const int BlockSize = 4096;

    /// <summary>The pieces that a file does not have.</summary>
    public static List<FilePiece> FindWrong(SafeFileHandle file, IEnumerable<FilePiece> pieces, CancellationToken cancellationToken)
    {
        var wrong = new List<FilePiece>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            foreach (var piece in pieces)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (HashOf(file, piece, hash, buffer) != piece.Id)
                {
                    wrong.Add(piece);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return wrong;
    }

    /// <summary>Writes into a file that has only zeros, and leaves zeros out block by block.</summary>
    public static void WriteSparse(SafeFileHandle file, ReadOnlySpan<byte> content, long offset)
    {
        while (content.IndexOfAnyExcept((byte)0) is >= 0 and var first)
        {
            var start = (int)Math.Max(0, first - ((offset + first) % BlockSize));
            content = content[start..];
            offset += start;
            var end = (int)(BlockSize - (offset % BlockSize));
            while (end < content.Length && content.Slice(end, Math.Min(BlockSize, content.Length - end)).ContainsAnyExcept((byte)0))
            {
                end += BlockSize;
            }

            end = Math.Min(end, content.Length);
            RandomAccess.Write(file, content[..end], offset);
            content = content[end..];
            offset += end;
        }
    }

    private static BlobId HashOf(SafeFileHandle file, FilePiece piece, IncrementalHash hash, byte[] buffer)
    {
        for (long done = 0; done < piece.Length;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(BufferSize, piece.Length - done));
            var read = RandomAccess.Read(file, part, piece.Offset + done);
            if (read == 0)
            {
                _ = hash.GetHashAndReset();
                return default;
            }

            hash.AppendData(part[..read]);
            done += read;
        }

        Span<byte> id = stackalloc byte[BlobId.Length];
        hash.GetHashAndReset(id);
        return new BlobId(id);
    }
}
