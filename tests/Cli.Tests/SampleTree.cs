namespace Halley.Cli.Tests;

/// <summary>A small tree with something of each kind.</summary>
internal sealed class SampleTree : IDisposable
{
    private readonly TemporaryDirectory _directory;

    /// <param name="parent">Where it is made; null for the machine's directory for temporary files.</param>
    public SampleTree(string? parent = null)
    {
        _directory = new TemporaryDirectory(parent);
        var random = new Random(1);
        Directory.CreateDirectory(this["sub/empty"]);
        Directory.CreateDirectory(this["cache"]);
        File.WriteAllText(this["letter.txt"], "Dear Anna");
        File.WriteAllText(this["sub/Notes.TMP"], "notes");
        File.WriteAllText(this["sub/old.tmp"], "old");
        File.WriteAllText(this["cache/CACHEDIR.TAG"], "Signature: 8a477f597d28d172789f06886806bc55\n");
        File.WriteAllText(this["cache/kept.bin"], "again");
        var large = new byte[2_000_000];
        random.NextBytes(large);
        File.WriteAllBytes(this["sub/large.bin"], large);
        File.CreateSymbolicLink(this["link"], "letter.txt");
        File.SetUnixFileMode(this["letter.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public string Path => _directory.Path;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Names, types, modes, sizes, times and link targets below a directory, as find prints them.</summary>
    public static async Task<string> DescribeAsync(string directory) => (await ExternalProgram.RunAsync(
        Tools.Require("bash", "bash"),
        ["-c", @"find . -mindepth 1 -printf '%P %y %m %T@ %l ' \( -type f -exec sha256sum {} \; -o -printf '\n' \) | LC_ALL=C sort"],
        workingDirectory: directory)).EnsureSuccess().StandardOutput;

    public void Dispose() => _directory.Dispose();
}
