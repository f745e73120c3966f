using System.Security.Cryptography;
using System.Text;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Eight bits of the digest of a secret that this server made, as the first byte of the key's id. With them, the right key of a bucket is
/// found without comparing all, and a wrong secret costs one comparison however many keys there are. A thief of the database learns 8 of
/// the secret's 128 random bits. A key of which only the hash was given has none in its id: its secret may be weak, and eight bits would
/// spare a thief of the database most of bcrypt. Its hint is known once a client has shown the secret, and only in memory (decision 0023).
/// </summary>
internal static class KeyHint
{
    /// <summary>The version of ids whose bits have a meaning of their own (RFC 9562, 5.8).</summary>
    private const int Version = 8;

    public static Guid NewId(string secret)
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        id[0] = Of(secret);
        id[6] = (byte)((id[6] & 0x0f) | (Version << 4));
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    public static byte Of(string secret)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), digest);
        return digest[0];
    }

    /// <summary>The hint of a key; null while it is unknown.</summary>
    public static byte? Of(AccessKey key)
    {
        Span<byte> id = stackalloc byte[16];
        key.Id.TryWriteBytes(id, bigEndian: true, out _);
        return key.Id.Version == Version ? id[0] : key.Use.Hint;
    }
}
