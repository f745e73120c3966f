using System.Globalization;

namespace Halley.Benchmarks.Client;

/// <summary>Trees that are backed up. The same options make the same random content.</summary>
internal static class SourceTree
{
    private const int NoiseFile = 100_000_000;
    private const int FilesPerDirectory = 500;
    private static readonly string[] Roots = ["/usr/bin", "/usr/include", "/usr/share/doc", "/usr/lib", "/usr/share"];
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>Files of this machine, and for a quarter random bytes, which no program can compress.</summary>
    public static void CreateMixed(string directory, long bytes)
    {
        var left = bytes - CreateNoise(Path.Combine(directory, "noise"), bytes / 4);
        foreach (var file in Roots.SelectMany(root => new DirectoryInfo(root).EnumerateFiles("*", Everything)))
        {
            if (left <= 0)
            {
                return;
            }

            if (file.LinkTarget is null && (file.Attributes & FileAttributes.Device) == 0)
            {
                var copy = Path.Join(directory, file.FullName);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file.FullName, copy);
                left -= file.Length;
            }
        }
    }

    /// <summary>Files of 50 to 3000 bytes of words, 500 in each directory.</summary>
    public static void CreateSmallFiles(string directory, int count)
    {
        var random = new Random(14);
        var words = Enumerable.Range(0, 5000)
            .Select(_ => random.NextInt64(1L << 48).ToString("x12", CultureInfo.InvariantCulture)).ToArray();
        for (var file = 0; file < count; file++)
        {
            var number = file / FilesPerDirectory;
            var parent = Path.Combine(directory, $"d{number / 20}", $"e{number}");
            if (file % FilesPerDirectory == 0)
            {
                Directory.CreateDirectory(parent);
            }

            File.WriteAllText(Path.Combine(parent, $"f{file}"), string.Join(' ', random.GetItems(words, random.Next(4, 230))));
        }
    }

    private static long CreateNoise(string directory, long bytes)
    {
        Directory.CreateDirectory(directory);
        var random = new Random(14);
        for (long done = 0; done < bytes; done += NoiseFile)
        {
            var content = new byte[(int)Math.Min(NoiseFile, bytes - done)];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(directory, $"{done}"), content);
        }

        return bytes;
    }
}
