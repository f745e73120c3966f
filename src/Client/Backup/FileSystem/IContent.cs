namespace Halley.Client.Backup.FileSystem;

/// <summary>Bytes that are backed up as one file: of a file on disk, or of a stream.</summary>
internal interface IContent
{
    /// <summary>Reads on; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Passes over so many bytes if all of them are in a hole.</summary>
    bool TrySkipHole(int length);
}
