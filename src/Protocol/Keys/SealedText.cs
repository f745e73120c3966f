using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Protocol.Keys;

/// <summary>
/// A secret as text that only the holder of a key can read or change. Version 1: <c>1.</c> + base64url without padding of
/// nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes); AES-256-GCM with the key HKDF-SHA512(root key, no salt, info) and the same info as
/// associated data, info = UTF-8 of <c>halley/sealed/1/</c> + purpose. The nonce is random: the key of one purpose seals a few secrets, and
/// 2³² would be its limit (NIST SP 800-38D, 8.3).
/// </summary>
internal static class SealedText
{
    private const string Version = "1.";
    private const string InfoPrefix = "halley/sealed/1/";
    private const int CipherKeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    internal static string Seal(ReadOnlySpan<byte> rootKey, string purpose, ReadOnlySpan<byte> secret)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        RandomNumberGenerator.Fill(nonce);
        return Seal(rootKey, purpose, secret, nonce);
    }

    /// <summary>Only for test vectors: two texts with the same nonce reveal the secrets.</summary>
    internal static string Seal(ReadOnlySpan<byte> rootKey, string purpose, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> nonce)
    {
        var info = InfoOf(purpose);
        var bytes = new byte[NonceLength + secret.Length + TagLength];
        nonce.CopyTo(bytes);
        using var cipher = CipherOf(rootKey, info);
        cipher.Encrypt(nonce, secret, bytes.AsSpan(NonceLength, secret.Length), bytes.AsSpan(NonceLength + secret.Length), info);
        return Version + Base64Url.EncodeToString(bytes);
    }

    /// <summary>
    /// Returns false for every text that was not sealed with this key and purpose. Never throws because of a text.
    /// </summary>
    internal static bool TryOpen(ReadOnlySpan<byte> rootKey, string purpose, string? text, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (!TryDecode(text, out var bytes))
        {
            return false;
        }

        var info = InfoOf(purpose);
        var plain = new byte[bytes.Length - NonceLength - TagLength];
        using var cipher = CipherOf(rootKey, info);
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength, plain.Length), bytes.AsSpan(^TagLength..), plain, info);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        secret = plain;
        return true;
    }

    // The decoder forgives white space and padding; encoding again makes sure that a sealed secret has one form only.
    private static bool TryDecode(string? text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text is null || !text.StartsWith(Version, StringComparison.Ordinal))
        {
            return false;
        }

        var body = text.AsSpan(Version.Length);
        var decoded = new byte[Base64Url.GetMaxDecodedLength(body.Length)];
        if (Base64Url.DecodeFromChars(body, decoded, out _, out var length) != OperationStatus.Done
            || length < NonceLength + TagLength
            || !body.SequenceEqual(Base64Url.EncodeToString(decoded.AsSpan(0, length))))
        {
            return false;
        }

        bytes = decoded[..length];
        return true;
    }

    private static byte[] InfoOf(string purpose) => Encoding.UTF8.GetBytes(InfoPrefix + purpose);

    private static AesGcm CipherOf(ReadOnlySpan<byte> rootKey, ReadOnlySpan<byte> info)
    {
        Span<byte> key = stackalloc byte[CipherKeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA512, rootKey, key, salt: default, info);
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
