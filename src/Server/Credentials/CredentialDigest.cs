using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Server.Credentials;

/// <summary>
/// HMAC-SHA256 of a credential under a key that exists only in this process. The caches hold it instead of the credential.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CredentialDigest(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    private const int OnStack = 1024;

    public static CredentialDigest Of(ReadOnlySpan<byte> key, string kind, string id, string secret)
    {
        var most = (3 * sizeof(int)) + Encoding.UTF8.GetMaxByteCount(kind.Length + id.Length + secret.Length) + 16;
        byte[]? rented = null;
        var buffer = most <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(most));
        var length = Append(buffer, 0, kind);
        length = Append(buffer, length, id);
        length = Append(buffer, length, secret);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, buffer[..length], digest);
        CryptographicOperations.ZeroMemory(buffer[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return MemoryMarshal.Read<CredentialDigest>(digest);
    }

    // The length comes first, so that no text can run into the next one.
    private static int Append(Span<byte> buffer, int at, string text)
    {
        var written = Encoding.UTF8.GetBytes(text, buffer[(at + sizeof(int))..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[at..], written);
        return at + sizeof(int) + written;
    }
}
