namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>A body that is read no faster than the limits allow. Nothing is buffered: unread bytes stay at the client.</summary>
internal sealed class ThrottledStream(Stream inner, Throttle throttle) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
