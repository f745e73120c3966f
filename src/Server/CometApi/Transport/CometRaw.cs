using System.Text;

namespace Halley.Server.CometApi.Transport;

/// <summary>An answer that is no JSON: a log, an archive, a file. It is written as it is made, never held in memory whole.</summary>
internal sealed record CometRaw(string ContentType, Func<Stream, CancellationToken, Task> WriteAsync)
{
    public const string Text = "text/plain; charset=utf-8";
    public const string Bytes = "application/octet-stream";
    public const string Zip = "application/zip";

    public static CometRaw Of(string text) => new(Text, (stream, cancellationToken) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask());

    public static CometRaw Of(ReadOnlyMemory<byte> bytes) => new(Bytes, (stream, cancellationToken) => stream.WriteAsync(bytes, cancellationToken).AsTask());
}
