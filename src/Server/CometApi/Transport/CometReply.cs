using System.Diagnostics.CodeAnalysis;
using System.Text;
using Halley.Server.Access;

namespace Halley.Server.CometApi.Transport;

/// <summary>The response of a call.</summary>
internal interface ICometReply<out TSelf>
    where TSelf : ICometReply<TSelf>
{
    /// <summary>The type of the content when the call succeeds, for the API document.</summary>
    static abstract Type Content { get; }

    /// <summary>The object to send as JSON, or a <see cref="CometRaw"/>.</summary>
    object Body { get; }

    static abstract TSelf Refuse(CometApiResponseMessage refusal);
}

/// <summary>The content of a call that succeeded, or the refusal. A handler returns either by an implicit conversion.</summary>
internal sealed class CometReply<T> : ICometReply<CometReply<T>>
    where T : notnull
{
    private CometReply(object body) => Body = body;

    public static Type Content => typeof(T);

    public object Body { get; }

    [SuppressMessage("Usage", "CA2225", Justification = "Handlers return the content or a refusal; a second name for it gains nothing.")]
    public static implicit operator CometReply<T>(T content) => new(content);

    [SuppressMessage("Usage", "CA2225", Justification = "See above.")]
    public static implicit operator CometReply<T>(CometApiResponseMessage refusal) => new(refusal);

    [SuppressMessage("Usage", "CA2225", Justification = "See above.")]
    public static implicit operator CometReply<T>(Refusal refusal) => new(CometErrors.Of(refusal));

    public static CometReply<T> Refuse(CometApiResponseMessage refusal) => refusal;

    /// <summary>Content that is written while it is read; on the wire it looks like <typeparamref name="T"/>.</summary>
    public static CometReply<T> Streamed(object body) => new(body);

    /// <summary>Only how the call ended, without the content.</summary>
    public CometApiResponseMessage ToStatus() => Body as CometApiResponseMessage ?? CometApiResponseMessage.Ok;
}

/// <summary>
/// A response that is not JSON: a log, an archive, a file. It is written while it is made and never held in memory as a whole.
/// </summary>
internal sealed record CometRaw(string ContentType, Func<Stream, CancellationToken, Task> WriteAsync)
{
    public const string Text = "text/plain; charset=utf-8";
    public const string Bytes = "application/octet-stream";
    public const string Zip = "application/zip";

    public static CometRaw Of(string text) => Of(text, Text);

    public static CometRaw Json(string json) => Of(json, "application/json");

    public static CometRaw Of(ReadOnlyMemory<byte> bytes) =>
        new(Bytes, (stream, cancellationToken) => stream.WriteAsync(bytes, cancellationToken).AsTask());

    private static CometRaw Of(string text, string contentType) =>
        new(contentType, (stream, cancellationToken) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask());
}
