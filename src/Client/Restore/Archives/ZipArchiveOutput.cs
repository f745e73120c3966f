using System.IO.Compression;
using System.Text;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>
/// A zip, for machines that have no tar: names are text, times have two seconds, and of Unix it keeps permissions and symbolic links.
/// </summary>
internal sealed class ZipArchiveOutput(Stream output) : IArchive
{
    private const int UnixModeShift = 16;
    private const uint UnixFile = 0x8000;
    private const uint UnixDirectory = 0x4000;
    private const uint UnixSymlink = 0xA000;
    private static readonly DateTimeOffset First = new(1980, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Last = new(2107, 12, 30, 0, 0, 0, TimeSpan.Zero);

    private readonly ZipArchive _zip = new(output, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);

    public bool HasHardLinks => false;

    public async ValueTask<bool> TryAddAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        switch (node.Type)
        {
            case NodeType.Directory:
                Add(path, node, UnixDirectory);
                return true;
            case NodeType.Symlink when !node.LinkTarget.IsEmpty:
                await using (var content = await Add(path, node, UnixSymlink).OpenAsync(cancellationToken))
                {
                    await content.WriteAsync(node.LinkTarget, cancellationToken);
                }

                return true;
            default:
                return false;
        }
    }

    public ValueTask AddHardLinkAsync(byte[] path, Node node, byte[] first, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A zip has no hard links.");

    public async ValueTask AddFileAsync(
        byte[] path, Node node, ulong size, Func<Stream, ValueTask> writeAsync, CancellationToken cancellationToken)
    {
        await using var content = await Add(path, node, UnixFile).OpenAsync(cancellationToken);
        await writeAsync(content);
    }

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await _zip.DisposeAsync(); // writes the list of its entries
        await output.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ZipArchiveEntry Add(byte[] path, Node node, uint type)
    {
        var entry = _zip.CreateEntry(Encoding.UTF8.GetString(path), CompressionLevel.Fastest);
        var time = node.ModifyTime.ToDateTimeOffset();
        entry.LastWriteTime = time < First ? First : time > Last ? Last : time;
        entry.ExternalAttributes = unchecked((int)((type | NodeMode.ToUnix(node.Mode)) << UnixModeShift));
        return entry;
    }
}
