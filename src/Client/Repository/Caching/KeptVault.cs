using Halley.Storage;

namespace Halley.Client.Repository.Caching;

/// <summary>The local copies of one vault.</summary>
/// <param name="Directory">Where they are.</param>
/// <param name="Vault">Id of the vault.</param>
/// <param name="LastUse">When one of them was used last.</param>
/// <param name="Length">Bytes that they take.</param>
public sealed record KeptVault(string Directory, BlobId Vault, DateTimeOffset LastUse, long Length)
{
    /// <summary>The vaults that a directory has copies of, the least used first.</summary>
    /// <param name="options">The directory; none when it does not exist.</param>
    public static IReadOnlyList<KeptVault> List(MetadataCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = new DirectoryInfo(options.Directory);
        return !directory.Exists ? [] :
            [.. directory.EnumerateDirectories()
                .Where(vault => BlobName.IsId(vault.Name))
                .Select(vault => Look(vault))
                .OrderBy(vault => vault.LastUse)];
    }

    /// <summary>Deletes the copies. The next use of the vault makes new ones.</summary>
    public void Delete() => System.IO.Directory.Delete(Directory, recursive: true);

    // The time of a copy is set when it is used, and the directory's when one is added.
    private static KeptVault Look(DirectoryInfo vault)
    {
        var (last, length) = (vault.LastWriteTimeUtc, 0L);
        foreach (var file in vault.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            (last, length) = (file.LastWriteTimeUtc > last ? file.LastWriteTimeUtc : last, length + file.Length);
        }

        return new(vault.FullName, BlobId.Parse(vault.Name), new DateTimeOffset(last, TimeSpan.Zero), length);
    }
}
