using System.Buffers;
using System.Net;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>A file as the body of a request, read while it is sent.</summary>
internal sealed class BlobContent(BlobReader reader, Stall stall) : HttpContent
{
    private const int BlockSize = 256 * 1024;

    /// <summary>What the disk said when it could not be read to its end.</summary>
    public BlobStoreException? Failure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long at = 0; at < reader.Length;)
            {
                var read = await reader.ReadAsync(at, block.AsMemory(0, BlockSize), cancellationToken);
                if (read == 0)
                {
                    throw new BlobStoreException(BlobStoreFault.DiskError, "A file is shorter than its disk says.");
                }

                await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
                stall.Touch();
                at += read;
            }
        }
        catch (BlobStoreException failure)
        {
            Failure = failure;
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = reader.Length;
        return true;
    }
}
