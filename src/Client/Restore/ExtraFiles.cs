using System.Text;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Restore.Linux;

namespace Halley.Client.Restore;

/// <summary>
/// Deletes what the target has and the snapshot does not. Directories above what was backed up are left alone: the snapshot has only the
/// way through them.
/// </summary>
internal sealed class ExtraFiles(Snapshot snapshot, RestoreOptions options, RestoreReport report)
{
    private readonly string[] _backedUp = [.. snapshot.Paths.Select(InTree)];

    public static IEqualityComparer<byte[]> NameComparer { get; } = EqualityComparer<byte[]>.Create(
        static (left, right) => left.AsSpan().SequenceEqual(right),
        static name =>
        {
            var hash = default(HashCode);
            hash.AddBytes(name);
            return hash.ToHashCode();
        });

    /// <summary>Deletes extra entries of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="open">It, open.</param>
    /// <param name="names">The names that the snapshot has, each with a zero at its end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void Delete(RestoreDirectory directory, LinuxDirectory open, HashSet<byte[]> names, CancellationToken cancellationToken)
    {
        if (IsAboveBackup($"/{options.Source}/{directory.Path}"))
        {
            return;
        }

        foreach (var name in open.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (names.Contains(name) || open.Find(name) is not { } status)
            {
                continue;
            }

            var bytes = name.AsSpan(0, name.Length - 1);
            var text = Encoding.UTF8.GetString(bytes);
            if (!options.Selection.Selects(directory.SelectorOf(bytes)))
            {
                continue;
            }

            if (!options.IsDryRun)
            {
                open.RemoveAll(name, status);
            }

            report.Count(directory.PathOf(text), RestoreAction.Deleted, status.IsFile ? status.Size : 0);
        }
    }

    private bool IsAboveBackup(string path)
    {
        var prefix = Normalize(path) is { Length: > 1 } normal ? $"{normal}/" : "/";
        return _backedUp.Any(backedUp => backedUp.Length > prefix.Length && backedUp.StartsWith(prefix, StringComparison.Ordinal));
    }

    // A path of Windows stands in the tree with the drive as its first name.
    private static string InTree(string path) => Normalize(path is [_, ':', ..] ? path.Remove(1, 1).Replace('\\', '/') : path);

    private static string Normalize(string path) => $"/{string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries))}";
}
