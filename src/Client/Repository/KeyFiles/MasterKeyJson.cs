using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.KeyFiles;

/// <summary>
/// The master key's text inside a key file: <c>{"mac":{"k":"…","r":"…"},"encrypt":"…"}</c>. Written and read without strings, so that the
/// caller can erase each copy.
/// </summary>
internal static class MasterKeyJson
{
    private const int EncryptionLength = 32;
    private const int MacLength = 16;
    private const int EncryptionText = 44;
    private const int MacText = 24;

    /// <summary>Length of the text in bytes.</summary>
    public static int Length => Before.Length + Between.Length + BeforeEncrypt.Length + End.Length + EncryptionText + (2 * MacText);

    private static ReadOnlySpan<byte> Before => "{\"mac\":{\"k\":\""u8;

    private static ReadOnlySpan<byte> Between => "\",\"r\":\""u8;

    private static ReadOnlySpan<byte> BeforeEncrypt => "\"},\"encrypt\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    public static void Write(VaultKey key, Span<byte> json)
    {
        Span<byte> parts = stackalloc byte[EncryptionLength + (2 * MacLength)];
        var (encryption, macK, macR) = (0, EncryptionLength, EncryptionLength + MacLength);
        key.CopyTo(parts[encryption..macK], parts[macK..macR], parts[macR..]);
        json = Append(json, Before);
        json = AppendBase64(json, parts[macK..macR]);
        json = Append(json, Between);
        json = AppendBase64(json, parts[macR..]);
        json = Append(json, BeforeEncrypt);
        json = AppendBase64(json, parts[encryption..macK]);
        Append(json, End);
        CryptographicOperations.ZeroMemory(parts);
    }

    /// <exception cref="VaultException">It is no key.</exception>
    public static VaultKey Parse(BlobName file, ReadOnlySpan<byte> json) => VaultJson.Parse(file, json, Read);

    private static VaultKey Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        Span<byte> parts = stackalloc byte[EncryptionLength + (2 * MacLength)];
        var (macK, macR) = (EncryptionLength, EncryptionLength + MacLength);
        try
        {
            VaultJson.Expect(ref reader, JsonTokenType.StartObject);
            while (VaultJson.NextMember(ref reader, out var name))
            {
                if (name.SequenceEqual("encrypt"u8))
                {
                    ReadBase64(ref reader, parts[..macK]);
                }
                else if (name.SequenceEqual("mac"u8))
                {
                    ReadMac(ref reader, parts[macK..macR], parts[macR..]);
                }
                else
                {
                    reader.Skip();
                }
            }

            return IsZero(parts[..macK]) || IsZero(parts[macK..macR]) || IsZero(parts[macR..])
                ? throw new JsonException("A part of the key is missing.")
                : new VaultKey(parts[..macK], parts[macK..macR], parts[macR..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parts);
        }
    }

    private static void ReadMac(ref Utf8JsonReader reader, scoped Span<byte> k, scoped Span<byte> r)
    {
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("k"u8))
            {
                ReadBase64(ref reader, k);
            }
            else if (name.SequenceEqual("r"u8))
            {
                ReadBase64(ref reader, r);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadBase64(ref Utf8JsonReader reader, scoped Span<byte> bytes)
    {
        VaultJson.Expect(ref reader, JsonTokenType.String);
        Span<byte> decoded = stackalloc byte[EncryptionText];
        var isWhole = reader.ValueSpan.Length <= EncryptionText
            && Base64.DecodeFromUtf8(reader.ValueSpan, decoded, out _, out var length) == OperationStatus.Done && length == bytes.Length;
        if (isWhole)
        {
            decoded[..bytes.Length].CopyTo(bytes);
        }

        CryptographicOperations.ZeroMemory(decoded);
        if (!isWhole)
        {
            throw new JsonException("A part of the key has the wrong length.");
        }
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private static Span<byte> Append(Span<byte> target, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target);
        return target[text.Length..];
    }

    private static Span<byte> AppendBase64(Span<byte> target, scoped ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, target, out _, out var written);
        return target[written..];
    }
}
