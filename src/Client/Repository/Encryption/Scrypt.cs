using System.Numerics;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>The key derivation function scrypt (RFC 7914), which .NET doesn't have.</summary>
public static class Scrypt
{
    /// <summary>The most memory, 128·n·r bytes, that a derivation may take: 1 GiB, 64 times the need of a new key file.</summary>
    public const long MaxMemory = 1L << 30;

    // Two blocks are mixed at once while the memory for it stays small.
    private const long MaxMemoryOfTwo = 128L << 20;

    /// <summary>The most work, 128·n·r·p bytes: 16 GiB, half a minute to some minutes.</summary>
    public const long MaxWork = 16L << 30;

    /// <summary>
    /// Whether <see cref="DeriveKey"/> accepts these parameters. A key file may hold any: parameters that would run for hours or fill the
    /// memory count as damaged.
    /// </summary>
    public static bool Accepts(int n, int r, int p)
    {
        if (n < 2 || !BitOperations.IsPow2(n) || r < 1 || p < 1 || (long)r * p >= 1L << 30)
        {
            return false;
        }

        var memory = (Int128)128 * n * r;
        return memory <= MaxMemory && memory * p <= MaxWork && (Int128)128 * r * p <= MaxMemory;
    }

    /// <summary>Derives a key from a password.</summary>
    /// <param name="password">The password; for restic's key files its UTF-8 bytes.</param>
    /// <param name="salt">Any number of random bytes.</param>
    /// <param name="n">The cost, a power of two from 2 on.</param>
    /// <param name="r">The size of a block, in 128 bytes.</param>
    /// <param name="p">How many times to do all the work.</param>
    /// <param name="key">Receives the key, of any length.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Accepts"/> rejects the parameters.</exception>
    /// <exception cref="OutOfMemoryException">The system cannot allocate 128·n·r bytes.</exception>
    public static void DeriveKey(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int n, int r, int p, Span<byte> key)
    {
        if (!Accepts(n, r, p))
        {
            throw new ArgumentOutOfRangeException(nameof(n), $"scrypt with n={n}, r={r}, p={p} is invalid, or asks for too much.");
        }

        var blocks = GC.AllocateUninitializedArray<byte>(128 * r * p, pinned: true);
        Rfc2898DeriveBytes.Pbkdf2(password, salt, blocks, iterations: 1, HashAlgorithmName.SHA256);
        var lanes = p > 1 && 128L * n * r <= MaxMemoryOfTwo / 2 ? 2 : 1;
        using (var mixer = new ScryptMixer(n, r, lanes))
        {
            var i = 0;
            for (; lanes == 2 && i < p - 1; i += 2)
            {
                mixer.MixTwo(Block(i), Block(i + 1));
            }

            for (; i < p; i++)
            {
                mixer.Mix(Block(i));
            }
        }

        Rfc2898DeriveBytes.Pbkdf2(password, blocks, key, iterations: 1, HashAlgorithmName.SHA256);
        CryptographicOperations.ZeroMemory(blocks);

        Span<byte> Block(int number) => blocks.AsSpan(number * 128 * r, 128 * r);
    }
}
