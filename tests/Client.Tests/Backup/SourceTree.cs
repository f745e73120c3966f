using System.Globalization;
using System.Runtime.InteropServices;

namespace Halley.Client.Tests.Backup;

/// <summary>A directory with a random tree of all kinds of files, made from a seed.</summary>
internal sealed partial class SourceTree : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public SourceTree() => Path = _directory.CreateSubdirectory("source");

    public string Path { get; }

    public string this[params ReadOnlySpan<string> names] => System.IO.Path.Combine([Path, .. names]);

    public static async Task<SourceTree> CreateAsync(int seed)
    {
        var tree = new SourceTree();
        var random = new Random(seed);
        AddRandom(random, tree.Path, depth: 3);
        await File.WriteAllBytesAsync(tree["large"], Bytes(random, 5_000_000));
        await RunScriptAsync(tree.Path, OddFiles);
        Assert.Equal(0, SetAttribute(tree["large"], "user.seed", [1, 2, 0, 255], 4, 0));
        Assert.Equal(0, SetAttribute(tree["large"], "user.empty", [], 0, 0));
        return tree;
    }

    /// <summary>One line for each file: what a restore must bring back.</summary>
    public static async Task<string> DescribeAsync(string directory)
    {
        const string Script =
            """
            find . -printf '%y %m %U:%G %T@ %l %P\n' | LC_ALL=C sort
            find . -type f -links +1 -printf '%n %P\n' | LC_ALL=C sort
            find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
            """;
        return (await RunScriptAsync(directory, Script)).StandardOutput;
    }

    public static async Task<ProgramRun> RunScriptAsync(string directory, string script) =>
        (await ExternalProgram.RunAsync("/bin/bash", ["-e", "-c", script], workingDirectory: directory)).EnsureSuccess();

    public static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    // .NET cannot delete names that are not UTF-8.
    public async ValueTask DisposeAsync()
    {
        await ExternalProgram.RunAsync("/bin/rm", ["-rf", _directory.Path]);
        _directory.Dispose();
    }

    private const string OddFiles =
        """
        touch "$(printf 'bad\377\200utf')" "$(printf 'half\342\202')" "$(printf 'ctrl\001\007\033x')" 'quote"back\slash' 'emoji😀' '<&>'
        touch "$(printf 'nl\ntab\tcr\r')"; mkdir "$(printf 'dir\376')"; echo in > "$(printf 'dir\376')/file"
        echo old > old; touch -d '1901-12-31 23:59:59.123456789 UTC' old
        echo new > new; touch -d '2150-06-01 12:00:00.5 UTC' new
        echo text > hard; ln hard hard2; mkfifo pipe; mkdir -m 1777 sticky; mkdir -p deep/er/and/deeper empty
        mknod null c 1 3; mknod block b 7 200
        ln -s "$(printf 'to\342\200\250<\001>')" link; ln -s / root; ln -s old zlink
        chown 12345:54321 new; chown -h 1:2 zlink; chmod 0 new; chmod 6755 old
        truncate -s 9000000 sparse; printf middle | dd of=sparse bs=1 seek=4000000 conv=notrunc status=none
        truncate -s 3000000 hole; truncate -s 524288 hole2
        touch -d '1969-12-31 23:59:58.999999999 UTC' empty
        """;

    private static void AddRandom(Random random, string directory, int depth)
    {
        for (var i = random.Next(3, 8); i > 0; i--)
        {
            var name = System.IO.Path.Combine(directory, $"n{random.Next(100_000).ToString(CultureInfo.InvariantCulture)}.{"abc"[i % 3]}");
            if (depth > 0 && random.Next(3) == 0)
            {
                AddRandom(random, Directory.CreateDirectory(name).FullName, depth - 1);
            }
            else
            {
                File.WriteAllBytes(name, Bytes(random, random.Next(10) == 0 ? random.Next(1_500_000) : random.Next(5_000)));
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, byte[] value, nint size, int flags);
}
