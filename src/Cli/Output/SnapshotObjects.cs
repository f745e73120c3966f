using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Cli.Output;

/// <summary>Snapshots and their entries as JSON has them.</summary>
internal static class SnapshotObjects
{
    public static SnapshotObject Of(SnapshotEntry entry)
    {
        var snapshot = entry.Snapshot;
        return new(
            snapshot.Time.ToString(), snapshot.Parent?.ToString(), snapshot.Tree.ToString(), snapshot.Paths, snapshot.HostName,
            snapshot.UserName, NotZero(snapshot.UserId), NotZero(snapshot.GroupId), NotEmpty(snapshot.Excludes), NotEmpty(snapshot.Tags),
            snapshot.Original?.ToString(), NotEmpty(snapshot.ProgramVersion), Of(snapshot.Summary), entry.Id.ToString(),
            entry.Id.ShortText);
    }

    public static ListedSnapshot Listed(SnapshotEntry entry)
    {
        var snapshot = Of(entry);
        return new(
            snapshot.Time, snapshot.Parent, snapshot.Tree, snapshot.Paths, snapshot.Hostname, snapshot.Username, snapshot.Uid, snapshot.Gid,
            snapshot.Excludes, snapshot.Tags, snapshot.Original, snapshot.ProgramVersion, snapshot.Summary, snapshot.Id, snapshot.ShortId);
    }

    public static ListedNode Of(string path, Node node) => new(
        node.DisplayName, TypeOf(node.Type), path, node.UserId, node.GroupId, node.Type == NodeType.File ? node.Size : null,
        NotZero(node.Mode), Text.Permissions(node), node.ModifyTime.ToString(), node.AccessTime.ToString(), node.ChangeTime.ToString(),
        node.Inode == 0 ? null : node.Inode);

    public static FoundNode Found(string path, Node node) => new(
        path, Text.Permissions(node), node.DisplayName, TypeOf(node.Type), NotZero(node.Mode), node.ModifyTime.ToString(),
        node.AccessTime.ToString(), node.ChangeTime.ToString(), node.UserId, node.GroupId, NotEmpty(node.User), NotEmpty(node.Group),
        node.Inode == 0 ? null : node.Inode, node.DeviceId == 0 ? null : node.DeviceId, node.Type == NodeType.File ? node.Size : null,
        node.Links == 0 ? null : node.Links, node.LinkTarget.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(node.LinkTarget.Span));

    /// <summary>A type by the word that trees have for it.</summary>
    public static string TypeOf(NodeType type) => type switch
    {
        NodeType.File => "file",
        NodeType.Directory => "dir",
        NodeType.Symlink => "symlink",
        NodeType.BlockDevice => "dev",
        NodeType.CharacterDevice => "chardev",
        NodeType.Fifo => "fifo",
        NodeType.Socket => "socket",
        _ => "irregular",
    };

    private static SummaryObject? Of(SnapshotSummary? summary) => summary is null ? null : new(
        summary.BackupStart?.ToString(), summary.BackupEnd?.ToString(), summary.FilesNew, summary.FilesChanged, summary.FilesUnmodified,
        summary.DirectoriesNew, summary.DirectoriesChanged, summary.DirectoriesUnmodified, summary.DataBlobs, summary.TreeBlobs,
        summary.DataAdded, summary.DataAddedPacked, summary.TotalFilesProcessed, summary.TotalBytesProcessed);

    private static uint? NotZero(uint number) => number == 0 ? null : number;

    private static string? NotEmpty(string text) => text.Length == 0 ? null : text;

    private static IReadOnlyList<string>? NotEmpty(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
