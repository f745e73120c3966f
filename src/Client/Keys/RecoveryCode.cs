using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Halley.Protocol.Keys;

namespace Halley.Client.Keys;

/// <summary>
/// A code of 160 random bits, kept on paper, that opens an account's R-key when the password is forgotten. The R-key, sealed with the code,
/// is in the profile's field <c>PasswordRecovery</c>. Only the owner has the code itself. It is not stored even in sealed form: a stolen
/// password would then reveal a secret that survives the password's change. Dispose erases the code.
/// </summary>
/// <remarks>
/// After a forgotten password, <see cref="TryUnwrap"/> returns the old R-key, <see cref="ProfileSecrets.TryRewrap"/> moves the secrets to
/// the new one, and <see cref="Wrap"/> makes the new field. After an ordinary change of the password, the field still holds the old R-key:
/// request the code and use <see cref="TryRewrap"/>, or make a new code.
/// </remarks>
public sealed class RecoveryCode : IDisposable
{
    private readonly byte[] _bits;
    private bool _erased;

    private RecoveryCode(byte[] bits) => _bits = bits;

    private ReadOnlySpan<byte> Bits
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return _bits;
        }
    }

    /// <summary>A new code from the system's random generator.</summary>
    public static RecoveryCode Generate()
    {
        var bits = NewBuffer();
        RandomNumberGenerator.Fill(bits);
        return new RecoveryCode(bits);
    }

    /// <summary>
    /// Parses a typed code. Case, hyphens and white space do not matter; O is read as 0, I and L as 1. False when it is not a whole code. A
    /// mistake is overlooked once in a million (the checksum has 20 bits).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> typed, [NotNullWhen(true)] out RecoveryCode? code)
    {
        var bits = NewBuffer();
        code = RecoveryCodeText.TryRead(typed, bits) ? new RecoveryCode(bits) : null;
        return code is not null;
    }

    /// <summary>
    /// The code for people: nine groups of four digits and upper-case letters with hyphens between, 44 characters. Shown once.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The code was erased.</exception>
    public string ToText() => RecoveryCodeText.Write(Bits);

    /// <summary>Seals an R-key with this code. Every call returns a different text.</summary>
    /// <param name="rKey">24 bytes: <see cref="AccountKeys.RKey"/>.</param>
    /// <returns>The value of <c>PasswordRecovery</c>: a sealed text of version 1, 72 ASCII characters.</returns>
    /// <exception cref="ArgumentException">The R-key has another length or was erased: a mistake of the program.</exception>
    /// <exception cref="ObjectDisposedException">The code was erased.</exception>
    public string Wrap(ReadOnlySpan<byte> rKey)
    {
        ProfileSecret.RequireRKey(rKey);
        return SealedText.Seal(Bits, SecretPurpose.Recovery, rKey);
    }

    /// <summary>Opens the R-key in <c>PasswordRecovery</c>.</summary>
    /// <param name="wrapped">The value in the profile; any text or null.</param>
    /// <param name="rKey">24 bytes, which the caller erases; null when this is not the code of that text, or the text was changed.</param>
    /// <exception cref="ObjectDisposedException">The code was erased.</exception>
    public bool TryUnwrap(string? wrapped, [NotNullWhen(true)] out byte[]? rKey) =>
        SealedText.TryOpen(Bits, SecretPurpose.Recovery, wrapped, out rKey);

    /// <summary>Makes the code that opened the old R-key open the new one.</summary>
    /// <param name="oldWrapped">The value of <c>PasswordRecovery</c> before the change of the password.</param>
    /// <param name="newRKey">24 bytes: the R-key of the new password.</param>
    /// <param name="newWrapped">The new value; null when this is not the code of the old one, which then stays as it is.</param>
    /// <exception cref="ArgumentException">The R-key has another length or was erased: a mistake of the program.</exception>
    /// <exception cref="ObjectDisposedException">The code was erased.</exception>
    public bool TryRewrap(string? oldWrapped, ReadOnlySpan<byte> newRKey, [NotNullWhen(true)] out string? newWrapped)
    {
        newWrapped = null;
        if (!TryUnwrap(oldWrapped, out var oldRKey))
        {
            return false;
        }

        CryptographicOperations.ZeroMemory(oldRKey);
        newWrapped = Wrap(newRKey);
        return true;
    }

    /// <summary>Erases the code.</summary>
    public void Dispose()
    {
        _erased = true;
        CryptographicOperations.ZeroMemory(_bits);
    }

    private static byte[] NewBuffer() => GC.AllocateArray<byte>(RecoveryCodeText.CodeLength, pinned: true);
}
