using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// A key of a vault, of a user or the master key: seals and opens messages with AES-256 in counter mode and Poly1305-AES over the
/// ciphertext. A sealed message is the initialization vector (16 bytes), the ciphertext, and the authenticator (16 bytes). Safe for any
/// number of threads at once. Dispose erases the key; no other call may be under way then.
/// </summary>
public sealed class VaultKey : IDisposable
{
    /// <summary>Bytes by which a sealed message is longer than its plain text.</summary>
    public const int Overhead = VectorLength + TagLength;

    /// <summary>Bytes of the encryption key.</summary>
    public const int EncryptionLength = 32;

    /// <summary>Bytes of either half of the authentication key, k and r.</summary>
    public const int MacLength = 16;

    private const int VectorLength = AesCipher.BlockSize;
    private const int TagLength = Poly1305.BlockSize;

    // Each piece of ciphertext is authenticated while it is in the first-level cache.
    private const int Piece = 16 * 1024;

    private readonly byte[] _parts = GC.AllocateArray<byte>(EncryptionLength + MacLength + MacLength, pinned: true);
    private readonly AesCipher _cipher;
    private readonly AesCipher _macCipher;
    private readonly Poly1305 _poly;
    private readonly InitializationVectors _vectors = new();
    private bool _erased;

    /// <summary>Takes a copy of the three parts of a key.</summary>
    /// <param name="encryption">32 bytes: the AES-256 key.</param>
    /// <param name="macK">16 bytes: the AES-128 key of Poly1305-AES.</param>
    /// <param name="macR">16 bytes: r of Poly1305, as the repository holds it; the bits that Poly1305 wants clear may be set.</param>
    /// <exception cref="ArgumentException">A part has another length, or is zero, which the format calls invalid.</exception>
    public VaultKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR)
        : this(encryption, macK, macR, intrinsics: true)
    {
    }

    /// <summary>A key that runs without the processor's special instructions when <paramref name="intrinsics"/> is false.</summary>
    internal VaultKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR, bool intrinsics)
    {
        Require(encryption, EncryptionLength, nameof(encryption));
        Require(macK, MacLength, nameof(macK));
        Require(macR, MacLength, nameof(macR));
        encryption.CopyTo(_parts);
        macK.CopyTo(_parts.AsSpan(EncryptionLength));
        macR.CopyTo(_parts.AsSpan(EncryptionLength + MacLength));
        _cipher = AesCipher.Create(encryption, intrinsics);
        _macCipher = AesCipher.Create(macK, intrinsics);
        _poly = new Poly1305(macR, intrinsics);
    }

    /// <summary>A new key from the system's random generator.</summary>
    public static VaultKey CreateRandom()
    {
        Span<byte> parts = stackalloc byte[EncryptionLength + MacLength + MacLength];
        RandomNumberGenerator.Fill(parts);
        // Old versions of restic expect r without the bits that Poly1305 wants clear.
        Poly1305.Clamp(parts[^MacLength..]);
        var key = new VaultKey(parts[..EncryptionLength], parts.Slice(EncryptionLength, MacLength), parts[^MacLength..]);
        CryptographicOperations.ZeroMemory(parts);
        return key;
    }

    /// <summary>Copies the three original parts of the key into memory that the caller erases.</summary>
    /// <exception cref="ArgumentException">A target is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void CopyTo(Span<byte> encryption, Span<byte> macK, Span<byte> macR)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        _parts.AsSpan(0, EncryptionLength).CopyTo(encryption);
        _parts.AsSpan(EncryptionLength, MacLength).CopyTo(macK);
        _parts.AsSpan(EncryptionLength + MacLength).CopyTo(macR);
    }

    /// <summary>Seals a message with a new random initialization vector.</summary>
    /// <param name="plain">The plain text; may be empty, and may stand in <paramref name="sealedText"/> already, from byte 16 on.</param>
    /// <param name="sealedText">Exactly <see cref="Overhead"/> bytes longer than <paramref name="plain"/>.</param>
    /// <exception cref="ArgumentException">The lengths don't match, or the two overlap in another way.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void Seal(ReadOnlySpan<byte> plain, Span<byte> sealedText)
    {
        RequirePair(plain, sealedText);
        _vectors.Next(sealedText[..VectorLength]);
        SealWithVector(plain, sealedText);
    }

    /// <summary>Opens a sealed message. Verifies the authenticator, in constant time, before it writes anything.</summary>
    /// <param name="sealedText">Any bytes.</param>
    /// <param name="plain">
    /// Exactly <see cref="Overhead"/> bytes shorter than <paramref name="sealedText"/>; may be that part of it, from byte 16 on.
    /// Unchanged when this returns false.
    /// </param>
    /// <returns>False when the message was not sealed with this key, was changed, or is too short to be one.</returns>
    /// <exception cref="ArgumentException">The lengths don't match, or the two overlap in another way.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public bool TryOpen(ReadOnlySpan<byte> sealedText, Span<byte> plain)
    {
        if (sealedText.Length < Overhead)
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return false;
        }

        RequirePair(plain, sealedText);
        var vector = sealedText[..VectorLength];
        var cipherText = sealedText[VectorLength..^TagLength];
        Span<byte> tag = stackalloc byte[TagLength];
        Span<byte> s = stackalloc byte[TagLength];
        _macCipher.EncryptBlock(vector, s);
        _poly.ComputeTag(cipherText, s, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, sealedText[^TagLength..]) || !vector.ContainsAnyExcept((byte)0))
        {
            return false;
        }

        _cipher.ApplyKeyStream(BinaryPrimitives.ReadUInt128BigEndian(vector), cipherText, plain);
        return true;
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _erased = true;
        CryptographicOperations.ZeroMemory(_parts);
        _cipher.Dispose();
        _macCipher.Dispose();
        _poly.Dispose();
    }

    /// <summary>
    /// Seals with the vector that stands in the first 16 bytes of <paramref name="sealedText"/>, which must be used only once.
    /// </summary>
    internal void SealWithVector(ReadOnlySpan<byte> plain, Span<byte> sealedText)
    {
        RequirePair(plain, sealedText);
        var cipherText = sealedText[VectorLength..^TagLength];
        var counter = BinaryPrimitives.ReadUInt128BigEndian(sealedText);
        var sum = default(Poly1305Sum);
        for (var at = 0; at < plain.Length; at += Piece)
        {
            var length = Math.Min(Piece, plain.Length - at);
            _cipher.ApplyKeyStream(counter, plain.Slice(at, length), cipherText.Slice(at, length));
            _poly.Add(ref sum, cipherText.Slice(at, length));
            counter += Piece / AesCipher.BlockSize;
        }

        Span<byte> s = stackalloc byte[TagLength];
        _macCipher.EncryptBlock(sealedText[..VectorLength], s);
        sum.Finish(s, sealedText[^TagLength..]);
    }

    private static void Require(ReadOnlySpan<byte> part, int length, string name)
    {
        if (part.Length != length || !part.ContainsAnyExcept((byte)0))
        {
            throw new ArgumentException($"This part of a vault's key is {length} bytes that are not all zero.", name);
        }
    }

    private void RequirePair(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> sealedText)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        if (sealedText.Length < Overhead || sealedText.Length - Overhead != plain.Length)
        {
            throw new ArgumentException($"A sealed message is {Overhead} bytes longer than its plain text.", nameof(plain));
        }

        if (sealedText.Overlaps(plain, out var offset) && offset != VectorLength)
        {
            throw new ArgumentException($"Plain text and sealed message overlap other than from byte {VectorLength} on.", nameof(plain));
        }
    }
}
