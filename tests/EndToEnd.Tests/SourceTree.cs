namespace Halley.EndToEnd.Tests;

/// <summary>A copy of real files of this machine to back up: programs, libraries, documents, links, and a few awkward entries.</summary>
internal sealed class SourceTree : IDisposable
{
    // Documents, then programs, then libraries until there is enough; the others only where /usr is small.
    private static readonly (string Path, double Share)[] Origins =
        [("/usr/share", 0.25), ("/usr/bin", 0.4), ("/usr/lib", 1), ("/usr", 1), ("/opt", 1)];

    private readonly TemporaryDirectory _directory = new();
    private long _copied;

    private SourceTree()
    {
        Path = _directory.CreateSubdirectory("tree");
    }

    public string Path { get; }

    public static SourceTree OfRealFiles(int megabytes)
    {
        var tree = new SourceTree();
        var wanted = megabytes * 1024L * 1024;
        foreach (var (origin, share) in Origins.Where(origin => Directory.Exists(origin.Path)))
        {
            tree.CopyDirectory(new DirectoryInfo(origin), tree.Path + origin, (long)(wanted * share), largest: wanted / 4);
        }

        if (tree._copied < wanted)
        {
            throw new InvalidOperationException($"This machine has only {tree._copied} bytes under /usr and /opt; {wanted} are needed.");
        }

        tree.AddAwkwardEntries();
        return tree;
    }

    /// <summary>What a day of work does to it: a file longer, one gone, one new, one renamed, one with another mode.</summary>
    /// <param name="randomness">Which files it is.</param>
    /// <param name="newMegabytes">Size of the new file: more than a pack, so that it is in several.</param>
    public void Change(Random randomness, int newMegabytes = 24)
    {
        var withoutLinks = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = Directory.GetFiles(Path, "*", withoutLinks);
        Array.Sort(files, StringComparer.Ordinal);
        randomness.Shuffle(files);
        File.AppendAllText(files[0], "one more line\n");
        File.Delete(files[1]);
        File.Move(files[2], files[2] + ".renamed");
        File.SetUnixFileMode(files[3], UnixFileMode.UserRead);

        var content = new byte[newMegabytes * 1024 * 1024];
        randomness.NextBytes(content);
        File.WriteAllBytes(System.IO.Path.Combine(Path, "new-file"), content);
    }

    public void Dispose() => _directory.Dispose();

    // A file that is larger is left out: the browser alone has 300 MB, many times as much as most trees are meant to have.
    private void CopyDirectory(DirectoryInfo from, string to, long until, long largest)
    {
        Directory.CreateDirectory(to, from.UnixFileMode | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var entry in from.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var target = System.IO.Path.Combine(to, entry.Name);
            if (_copied >= until)
            {
                return;
            }

            if (entry.LinkTarget is { } linkTarget)
            {
                File.Delete(target);
                File.CreateSymbolicLink(target, linkTarget);
            }
            else if (entry is DirectoryInfo directory)
            {
                CopyDirectory(directory, target, until, largest);
            }
            else if (entry is FileInfo file && file.Length <= largest && !File.Exists(target) && IsReadable(file))
            {
                file.CopyTo(target);
                _copied += file.Length;
            }
        }
    }

    private static bool IsReadable(FileInfo file) => Environment.IsPrivilegedProcess || file.UnixFileMode.HasFlag(UnixFileMode.OtherRead);

    private void AddAwkwardEntries()
    {
        var directory = Directory.CreateDirectory(System.IO.Path.Combine(Path, "awkward")).FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(directory, "empty directory"));
        File.WriteAllBytes(System.IO.Path.Combine(directory, "empty file"), []);
        File.WriteAllText(System.IO.Path.Combine(directory, "Ünïcödé – 彗星 \"quoted\" 'name'"), "halley");
        File.WriteAllText(System.IO.Path.Combine(directory, "line\nbreak"), "1758");
        File.CreateSymbolicLink(System.IO.Path.Combine(directory, "dangling link"), "/nowhere/at all");
        var guarded = System.IO.Path.Combine(directory, "guarded");
        File.WriteAllText(guarded, "secret");
        File.SetUnixFileMode(guarded, UnixFileMode.UserRead);
    }
}
