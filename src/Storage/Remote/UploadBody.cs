using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Halley.Storage.Remote;

/// <summary>The content of an upload as the body of a request, read while it is sent, and held to its announced length.</summary>
internal sealed class UploadBody : HttpContent
{
    private const int BlockSize = 128 * 1024;
    private readonly Stream _content;
    private readonly IncrementalHash? _hash;
    private readonly Stall _stall;

    public UploadBody(Stream content, long? announced, bool isHashed, Stall stall)
    {
        (_content, Announced, _stall) = (content, announced, stall);
        _hash = isHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <summary>Bytes that the content must have; null when that is not known.</summary>
    public long? Announced { get; }

    /// <summary>SHA-256 of the bytes read, for a body that is hashed.</summary>
    public ReadOnlySpan<byte> Hash => _hash?.GetCurrentHash();

    /// <summary>Bytes that were read of the content.</summary>
    public long Count { get; private set; }

    /// <summary>True once the content has proved shorter or longer than announced. Nothing more is sent then.</summary>
    public bool IsOfAnotherLength { get; private set; }

    /// <summary>The exception that reading the content threw; null if none.</summary>
    public Exception? Failure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (await ReadAsync(block, cancellationToken) is > 0 and var read)
            {
                await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
                _stall.Touch();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Announced ?? 0;
        return Announced is not null;
    }

    protected override void Dispose(bool disposing)
    {
        _hash?.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAsync(byte[] block, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await _content.ReadAsync(block, cancellationToken);
        }
        catch (Exception failure)
        {
            Failure = failure;
            throw;
        }

        Count += read;
        _hash?.AppendData(block, 0, read);
        IsOfAnotherLength = Count > Announced || (read == 0 && Count < Announced);
        return IsOfAnotherLength ? throw new InvalidDataException("The content doesn't have the announced length.") : read;
    }
}
