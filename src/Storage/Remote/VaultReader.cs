using System.Net;
using System.Net.Http.Headers;

namespace Halley.Storage.Remote;

/// <summary>
/// A file of a vault that is open for reading. Reads in order use one download that began with the opening. They continue when the file is
/// deleted meanwhile, because the server has it open. Any other read ends that download and requests exactly its own range.
/// </summary>
internal sealed class VaultReader(VaultCalls calls, BlobName name, long length, VaultReader.Download download) : BlobReader
{
    private Download? _download = download;
    private volatile bool _isDisposed;

    public override long Length => length;

    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = buffer[..(int)Math.Clamp(length - offset, 0, buffer.Length)];
        if (wanted.Length > 0 && !await TryContinueAsync(offset, wanted, cancellationToken))
        {
            await calls.RunAsync(stall => ReadRangeAsync(offset, wanted, stall), cancellationToken);
        }

        return wanted.Length;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        Interlocked.Exchange(ref _download, null)?.Dispose();
    }

    /// <summary>Reads on in the download; false when it is somewhere else, in use by another read, or broken.</summary>
    private async ValueTask<bool> TryContinueAsync(long offset, Memory<byte> wanted, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _download, null) is not { } download)
        {
            return false;
        }

        var isWhole = false;
        try
        {
            if (download.Position == offset)
            {
                using var stall = calls.Watch(cancellationToken);
                await download.ReadAsync(wanted, stall);
                isWhole = true;
            }
        }
        catch (Exception failure) when (VaultCalls.IsOfTheNetwork(failure, cancellationToken))
        {
            // The range is requested again; if the server is gone, that request throws.
        }
        finally
        {
            if (isWhole && download.Position < length)
            {
                _download = download;
                download = _isDisposed ? Interlocked.Exchange(ref _download, null) : null;
            }

            download?.Dispose();
        }

        return isWhole;
    }

    private async Task<bool> ReadRangeAsync(long offset, Memory<byte> wanted, Stall stall)
    {
        using var answer = await calls.SendAsync(
            HttpMethod.Get, name.ToString(), stall,
            request => request.Headers.Range = new RangeHeaderValue(offset, offset + wanted.Length - 1));
        var isWholeFile = answer.StatusCode == HttpStatusCode.OK; // some servers ignore the range, for config at least
        var fileLength = isWholeFile ? answer.Content.Headers.ContentLength : answer.Content.Headers.ContentRange?.Length;
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NotFound:
                throw new BlobStoreException(BlobStoreFault.DiskError, "The file was deleted while it was being read.");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
            case HttpStatusCode.OK or HttpStatusCode.PartialContent when fileLength is not null && fileLength != length:
                throw new BlobStoreException(BlobStoreFault.DiskError, "The file changed its length while it was being read.");
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                break;
            default:
                throw await calls.FailureAsync(answer, stall);
        }

        using var download = new Download(answer, await answer.Content.ReadAsStreamAsync(stall.Token), isWholeFile ? 0 : offset);
        await download.SkipToAsync(offset, stall);
        await download.ReadAsync(wanted, stall);
        return true;
    }

    /// <summary>The body of a response, and its position in the file.</summary>
    internal sealed class Download(HttpResponseMessage answer, Stream body, long position) : IDisposable
    {
        private const int SkipSize = 64 * 1024;

        public long Position { get; private set; } = position;

        /// <exception cref="IOException">It ended early.</exception>
        public async ValueTask ReadAsync(Memory<byte> wanted, Stall stall)
        {
            while (wanted.Length > 0)
            {
                var read = await body.ReadAsync(wanted, stall.Token);
                if (read == 0)
                {
                    throw new EndOfStreamException("The answer ended early.");
                }

                stall.Touch();
                Position += read;
                wanted = wanted[read..];
            }
        }

        public async ValueTask SkipToAsync(long offset, Stall stall)
        {
            var skipped = new byte[Math.Min(SkipSize, offset - Position)];
            while (Position < offset)
            {
                await ReadAsync(skipped.AsMemory(0, (int)Math.Min(skipped.Length, offset - Position)), stall);
            }
        }

        public void Dispose() => answer.Dispose();
    }
}
