using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Client.Keys;

/// <summary>The pre-shared key of a vault's bucket in a profile: 32 hex digits, sealed with the R-key.</summary>
public static class BucketPsk
{
    /// <summary>Reads the key of a vault's bucket.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <param name="vault">The vault in the profile.</param>
    /// <param name="psk">The key; null when it cannot be opened.</param>
    /// <returns>
    /// False when the R-key is of another password, or the profile was changed. Until the first device has set up a requested vault, the
    /// key is in clear (decision 0007).
    /// </returns>
    public static bool TryOpen(ReadOnlySpan<byte> rKey, DestinationConfig vault, [NotNullWhen(true)] out string? psk)
    {
        ArgumentNullException.ThrowIfNull(vault);
        psk = null;
        if (vault.EncryptionKeyEncryptionMethod == 0)
        {
            psk = vault.CometBucketKey.Length > 0 ? vault.CometBucketKey : null;
            return psk is not null;
        }

        if (!ProfileSecret.TryOpen(rKey, SecretPurpose.BucketKey, vault.CometBucketKey, out var secret))
        {
            return false;
        }

        psk = Encoding.UTF8.GetString(secret);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    /// <summary>Puts the key into a profile, sealed.</summary>
    public static void SealInto(ReadOnlySpan<byte> rKey, DestinationConfig vault, string psk)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentException.ThrowIfNullOrEmpty(psk);
        var secret = Encoding.UTF8.GetBytes(psk);
        vault.CometBucketKey = ProfileSecret.Seal(rKey, SecretPurpose.BucketKey, secret);
        CryptographicOperations.ZeroMemory(secret);
    }
}
