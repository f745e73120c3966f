using System.Security.Cryptography;

namespace Halley.Benchmarks.Peers;

/// <summary>A hundred thousand files laid into a repository's folder by hand. Their content matters to no list.</summary>
internal static class ListedFiles
{
    private const int Count = 100_000;

    public static void CreateIn(string folder)
    {
        for (var number = 0; number < Count; number++)
        {
            var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name[..2])).FullName, name), []);
        }
    }
}
