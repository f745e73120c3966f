using Halley.Storage;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>A body that is read no faster than the limits allow. Nothing is buffered: unread bytes stay at the client.</summary>
internal sealed class ThrottledStream(Stream inner, Throttle throttle) : ForwardOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer[..throttle.Slice(buffer.Length)], cancellationToken);
        if (read > 0)
        {
            // after the read, so as not to wait for bytes that a slow client has not sent
            await throttle.PassAsync(read, cancellationToken);
        }

        return read;
    }
}
