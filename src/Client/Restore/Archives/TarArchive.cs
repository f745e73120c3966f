using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>A tar of the pax format: names are bytes, and it holds all that a snapshot has but sockets.</summary>
internal sealed class TarArchive(Stream output) : IArchive
{
    public bool HasHardLinks => true;

    public async ValueTask<bool> TryAddAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        char? type = node.Type switch
        {
            NodeType.Directory => '5',
            NodeType.Symlink when !node.LinkTarget.IsEmpty => '2',
            NodeType.CharacterDevice => '3',
            NodeType.BlockDevice => '4',
            NodeType.Fifo => '6',
            _ => null,
        };
        if (type is not { } known)
        {
            return false;
        }

        var target = node.Type == NodeType.Symlink ? node.LinkTarget : default;
        await output.WriteAsync(TarFormat.HeaderOf(path, node, known, 0, target.Span), cancellationToken);
        return true;
    }

    public ValueTask AddHardLinkAsync(byte[] path, Node node, byte[] first, CancellationToken cancellationToken) =>
        output.WriteAsync(TarFormat.HeaderOf(path, node, '1', 0, first), cancellationToken);

    public async ValueTask AddFileAsync(
        byte[] path, Node node, ulong size, Func<Stream, ValueTask> writeAsync, CancellationToken cancellationToken)
    {
        await output.WriteAsync(TarFormat.HeaderOf(path, node, '0', size, default), cancellationToken);
        await writeAsync(output);
        await output.WriteAsync(new byte[TarFormat.PaddingOf(size)], cancellationToken);
    }

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(new byte[2 * TarFormat.BlockSize], cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
