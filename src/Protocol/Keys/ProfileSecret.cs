using System.Diagnostics.CodeAnalysis;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Keys;

/// <summary>
/// One secret of a profile. The client seals it with the account's R-key before it sends it, so the server can neither read it nor change
/// it unnoticed. The length of the secret is visible. The server can put back an older text of the same purpose.
/// </summary>
public static class ProfileSecret
{
    /// <summary>Value of <see cref="DestinationConfig.EncryptionKeyEncryptionMethod"/> for keys that are sealed in this way.</summary>
    public const ulong Method = 1;

    /// <summary>Seals a secret. Every call returns a different text.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <param name="purpose">Its purpose, a constant of <see cref="SecretPurpose"/> or <see cref="SecretPurpose.For"/>.</param>
    /// <param name="secret">Any number of bytes, or none.</param>
    /// <returns>
    /// ASCII text that starts with the version, <c>1.</c>; 40 characters and four thirds of the secret's length, rounded up, at most.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The R-key has another length or was erased, or the purpose is empty: a mistake of the program.
    /// </exception>
    public static string Seal(ReadOnlySpan<byte> rKey, string purpose, ReadOnlySpan<byte> secret)
    {
        Require(rKey, purpose);
        return SealedText.Seal(rKey, purpose, secret);
    }

    /// <summary>Opens a sealed secret.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <param name="purpose">The purpose it was sealed for.</param>
    /// <param name="text">The text in the profile; any text or null.</param>
    /// <param name="secret">The secret, which the caller erases; null when it cannot be opened.</param>
    /// <returns>
    /// False when the text was sealed with another key or for another purpose, was changed, is of an unknown version, or is no sealed
    /// secret.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The R-key has another length or was erased, or the purpose is empty: a mistake of the program.
    /// </exception>
    public static bool TryOpen(ReadOnlySpan<byte> rKey, string purpose, string? text, [NotNullWhen(true)] out byte[]? secret)
    {
        Require(rKey, purpose);
        return SealedText.TryOpen(rKey, purpose, text, out secret);
    }

    private static void Require(ReadOnlySpan<byte> rKey, string purpose)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        RequireRKey(rKey);
    }

    /// <summary>Rejects a key of zeros: it was erased while it was still in use, and anyone could open its secrets.</summary>
    internal static void RequireRKey(ReadOnlySpan<byte> rKey)
    {
        if (rKey.Length != AccountKeys.RKeyLength || !rKey.ContainsAnyExcept((byte)0))
        {
            throw new ArgumentException($"This is no R-key: {AccountKeys.RKeyLength} bytes that were not erased are needed.", nameof(rKey));
        }
    }
}
