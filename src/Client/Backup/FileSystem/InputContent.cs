namespace Halley.Client.Backup.FileSystem;

/// <summary>What a stream gives: standard input, or the output of a program.</summary>
internal sealed class InputContent(Stream stream) : IContent
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        stream.ReadAsync(buffer, cancellationToken);

    public bool TrySkipHole(int length) => false;
}
