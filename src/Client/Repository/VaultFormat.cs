namespace Halley.Client.Repository;

/// <summary>Numbers of the format. <c>docs/VAULT-FORMAT.md</c> explains them.</summary>
internal static class VaultFormat
{
    /// <summary>First byte of an index, snapshot or lock in format 2, before a zstd frame.</summary>
    public const byte CompressedFile = 2;

    /// <summary>Longest snapshot, lock, key file or config that is read, in bytes.</summary>
    public const int LongestSmallFile = 16 << 20;

    /// <summary>Longest index or packindex that is read, in bytes: ten times the size of restic's.</summary>
    public const int LongestIndex = 512 << 20;
}
