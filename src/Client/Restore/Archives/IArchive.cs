using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>
/// A format of archives, written from its begin to its end. Paths are bytes from the root on; those of directories end with a slash.
/// </summary>
internal interface IArchive : IAsyncDisposable
{
    /// <summary>True when a file may be written as another name of one that was written before.</summary>
    bool HasHardLinks { get; }

    /// <summary>Writes what has no content: a directory, a link, a device. False when the format cannot hold it.</summary>
    ValueTask<bool> TryAddAsync(byte[] path, Node node, CancellationToken cancellationToken);

    /// <summary>Writes another name of a file.</summary>
    ValueTask AddHardLinkAsync(byte[] path, Node node, byte[] first, CancellationToken cancellationToken);

    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="node">What the snapshot says.</param>
    /// <param name="size">Bytes of content.</param>
    /// <param name="writeAsync">Writes exactly so many bytes to a stream.</param>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask AddFileAsync(
        byte[] path, Node node, ulong size, Func<Stream, ValueTask> writeAsync, CancellationToken cancellationToken);

    /// <summary>Writes the end.</summary>
    ValueTask FinishAsync(CancellationToken cancellationToken);
}
