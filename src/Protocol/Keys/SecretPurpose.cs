namespace Halley.Protocol.Keys;

/// <summary>
/// The purpose of a sealed secret. Every purpose has its own key. If a server puts a sealed text into another field, the client therefore
/// refuses to open it.
/// </summary>
public static class SecretPurpose
{
    /// <summary>The pre-shared key of a bucket, 128 random bits.</summary>
    public const string BucketKey = "bucket-key";

    /// <summary>The E-key of a vault, 128 random bits.</summary>
    public const string VaultKey = "vault-key";

    /// <summary>A password for a source of the client's backups: a database, a network share, …</summary>
    public const string SourcePassword = "source-password";

    /// <summary>The R-key itself, sealed with a recovery code.</summary>
    public const string Recovery = "recovery";

    /// <summary>
    /// The purpose of one of several secrets of a kind, so that they cannot be exchanged for each other either: <c>vault-key/{id}</c>.
    /// </summary>
    /// <param name="purpose">One of the constants.</param>
    /// <param name="id">The owner of the secret, as named in the profile; for example the id of the vault.</param>
    public static string For(string purpose, string id) => $"{purpose}/{id}";
}
