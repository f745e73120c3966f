using System.Text;
using System.Text.RegularExpressions;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Restore.Linux;

namespace Halley.Client.Restore;

/// <summary>
/// Deletes what the target has and the snapshot does not. Directories above what was backed up are left alone: the snapshot has only the
/// way through them.
/// </summary>
internal sealed partial class ExtraFiles(Snapshot snapshot, RestoreOptions options, RestoreReport report)
{
    private readonly string[] _backedUp = [.. snapshot.Paths.Select(InTree).SelectMany(Tails)];

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
        var unnumbered = Number().Replace(prefix, "/");
        return _backedUp.Any(backedUp => IsAbove(prefix, backedUp) || IsAbove(unnumbered, backedUp));
    }

    private static bool IsAbove(string prefix, string path) =>
        path.Length > prefix.Length && path.StartsWith(prefix, StringComparison.Ordinal);

    // Of two paths that begin with the same name in different directories, the second has a number in the tree.
    [GeneratedRegex("(?<=^/[^/]+)-[0-9]+/")]
    private static partial Regex Number();

    // A path of Windows stands in the tree with the drive as its first name.
    private static string InTree(string path) => Normalize(path is [_, ':', ..] ? path.Remove(1, 1).Replace('\\', '/') : path);

    // A path that was given relative to a directory stands in the tree without the names of that directory.
    private static IEnumerable<string> Tails(string path)
    {
        for (var start = 0; start >= 0; start = path.IndexOf('/', start + 1))
        {
            yield return path[start..];
        }
    }

    private static string Normalize(string path) => $"/{string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries))}";
}
