using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Halley.Client.Repository.KeyFiles;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Client.Keys;

/// <summary>
/// The E-key of a vault: 128 random bits that open one key file, in which is the A-key, the master key of all data. The profile keeps it
/// sealed with the R-key. Dispose erases it.
/// </summary>
/// <remarks>
/// It is sealed for no particular vault, so the three fields of a profile that hold it can be copied to a clone of the vault. A server that
/// exchanges the keys of two vaults achieves nothing: neither opens.
/// </remarks>
public sealed class EKey : IDisposable
{
    /// <summary>
    /// Value of <see cref="DestinationConfig.EncryptionKeyEncryptionMethod"/>: sealed with the R-key (see <see cref="ProfileSecret"/>).
    /// </summary>
    public const ulong SealedWithRKey = ProfileSecret.Method;

    private const int Length = 16;

    private readonly char[] _password = GC.AllocateArray<char>(2 * Length, pinned: true);
    private bool _erased;

    private EKey(ReadOnlySpan<byte> bits) => Convert.TryToHexStringLower(bits, _password, out _);

    /// <summary>The password of its key file: 32 lower-case hex digits, which are zero after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public ReadOnlyMemory<char> Password
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return _password;
        }
    }

    /// <summary>How much work its key file is to be.</summary>
    public static ScryptParameters Parameters => ScryptParameters.ForRandomKey;

    /// <summary>A new key from the system's random generator.</summary>
    public static EKey CreateRandom()
    {
        Span<byte> bits = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bits);
        var key = new EKey(bits);
        CryptographicOperations.ZeroMemory(bits);
        return key;
    }

    /// <summary>Opens the key that a profile holds for a vault.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <param name="vault">The vault in the profile.</param>
    /// <param name="key">The key; null when it cannot be opened.</param>
    /// <returns>False when the vault is not set up, the R-key is of another password, or the profile was changed.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> rKey, DestinationConfig vault, [NotNullWhen(true)] out EKey? key)
    {
        ArgumentNullException.ThrowIfNull(vault);
        key = null;
        if (vault.EncryptionKeyEncryptionMethod != SealedWithRKey
            || !ProfileSecret.TryOpen(rKey, SecretPurpose.VaultKey, vault.EncryptedEncryptionKey, out var bits))
        {
            return false;
        }

        key = bits.Length == Length ? new EKey(bits) : null;
        CryptographicOperations.ZeroMemory(bits);
        return key is not null;
    }

    /// <summary>Puts the key into a profile and replaces any key there.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <param name="vault">The vault in the profile.</param>
    /// <param name="time">The clock, for the time at which the vault was set up unless it has one.</param>
    public void SealInto(ReadOnlySpan<byte> rKey, DestinationConfig vault, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(time);
        Span<byte> bits = stackalloc byte[Length];
        Convert.FromHexString(Password.Span, bits, out _, out _);
        vault.EncryptedEncryptionKey = ProfileSecret.Seal(rKey, SecretPurpose.VaultKey, bits);
        vault.EncryptionKeyEncryptionMethod = SealedWithRKey;
        vault.RepoInitTimestamp = vault.RepoInitTimestamp == 0 ? time.GetUtcNow().ToUnixTimeSeconds() : vault.RepoInitTimestamp;
        CryptographicOperations.ZeroMemory(bits);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _erased = true;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_password.AsSpan()));
    }
}
