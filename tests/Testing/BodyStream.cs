namespace Halley.Testing;

/// <summary>An upload's body as a network delivers it: in small pieces, without a known length, and possibly cut off.</summary>
/// <param name="content">The content.</param>
/// <param name="pieceSize">The most bytes that one read returns.</param>
/// <param name="atEnd">Called when everything was read; if it throws, the read fails instead of reaching the end of the stream.</param>
public sealed class BodyStream(byte[] content, int pieceSize, Action? atEnd = null) : Stream
{
    private int _position;

    /// <summary>A body whose sender disconnects after the content.</summary>
    public static BodyStream BrokenOff(byte[] content) => new(content, 1000, () => throw new IOException("The client has gone."));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(buffer.Length, pieceSize), content.Length - _position);
        if (count == 0 && buffer.Length > 0)
        {
            atEnd?.Invoke();
        }

        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
