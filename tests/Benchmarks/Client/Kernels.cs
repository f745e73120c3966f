using System.Security.Cryptography;
using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Compression;
using Halley.Client.Repository.Encryption;

namespace Halley.Benchmarks.Client;

/// <summary>One inner loop of the client.</summary>
/// <param name="Run">Works once and returns how much it has done, in <paramref name="Unit"/>.</param>
/// <param name="Before">What the prototype reached; null where nothing was measured.</param>
internal sealed record Kernel(string Name, string Unit, double? Before, Func<double> Run);

/// <summary>All kernels. Each is to be measured before the next one is asked for: their data are made and freed in between.</summary>
internal static class Kernels
{
    private const int Large = 8 << 20;
    private const double Giga = 1e9;

    public static IEnumerable<Kernel> All() =>
        Encryption().Concat(Hashes()).Concat(Chunking()).Concat(Compression()).Concat(Derivation());

    private static IEnumerable<Kernel> Encryption()
    {
        var (source, target) = (Noise(Large), new byte[Large]);
        var (key, tag) = (RandomNumberGenerator.GetBytes(32), new byte[16]);
        foreach (var (how, intrinsics, aes, poly) in new[] { ("intrinsics", true, 5.72, 4.77), ("portable", false, 1.93, 1.49) })
        {
            using var cipher = AesCipher.Create(key, intrinsics);
            yield return Gigabytes($"AES-256-CTR, {how}", aes, Large, () => cipher.ApplyKeyStream(42, source, target));
            using var authenticator = new Poly1305(key.AsSpan(0, 16), intrinsics);
            yield return Gigabytes($"Poly1305, {how}", poly, Large, () => authenticator.ComputeTag(source, key.AsSpan(0, 16), tag));
        }

        using var narrow = new Poly1305(key.AsSpan(0, 16), Sse2Lanes.Count);
        yield return Gigabytes("Poly1305, SSE2", null, Large, () => narrow.ComputeTag(source, key.AsSpan(0, 16), tag));
        using var vaultKey = VaultKey.CreateRandom();
        var message = new byte[Large + VaultKey.Overhead];
        (int, double?, double?)[] messages = [(1 << 10, 0.38, null), (16 << 10, 1.63, null), (1 << 20, 2.08, 2.18)];
        foreach (var (length, seal, open) in messages)
        {
            var count = (1 << 20) / length;
            yield return Gigabytes($"Seal {length >> 10} KiB", seal, count * length, () => Times(count, () =>
                vaultKey.Seal(source.AsSpan(0, length), message.AsSpan(0, length + VaultKey.Overhead))));
            yield return Gigabytes($"Open {length >> 10} KiB", open, count * length, () => Times(count, () =>
            {
                if (!vaultKey.TryOpen(message.AsSpan(0, length + VaultKey.Overhead), target.AsSpan(0, length)))
                {
                    throw new InvalidOperationException("The message doesn't open.");
                }
            }));
        }
    }

    private static IEnumerable<Kernel> Hashes()
    {
        var (source, hash) = (Noise(Large), new byte[32]);
        yield return Gigabytes("SHA-256 of the base library, 1 MiB", 1.50, 1 << 20, () => SHA256.HashData(source.AsSpan(0, 1 << 20), hash));
    }

    private static IEnumerable<Kernel> Chunking()
    {
        var source = Noise(64 << 20);
        var chunker = new Chunker(0x3a5c78553602f5);
        yield return Gigabytes("Chunker, whole file", 1.15, source.Length, () =>
        {
            for (int at = 0, end; at < source.Length; at += end == 0 ? source.Length - at : end)
            {
                end = chunker.FindEnd(source.AsSpan(at));
            }
        });
        // Ones have no cut: every byte after the first 512 KiB is searched.
        var ones = new byte[Chunker.MaxSize];
        ones.AsSpan().Fill(0xff);
        yield return Gigabytes("Chunker, searched bytes", null, Chunker.MaxSize - Chunker.MinSize, () => chunker.FindEnd(ones));
    }

    private static IEnumerable<Kernel> Compression()
    {
        var blocks = Programs(64 << 20).Chunk(1 << 20).ToList();
        var noise = Noise(1 << 20);
        (string, ZstdEngine, double?[])[] engines =
        [
            ("native", new NativeZstd(), [0.294, 0.263, 0.117, 1.18, 0.72]),
            ("managed", new ManagedZstd(), [0.252, 0.207, 0.072, null, 0.56]),
        ];
        foreach (var (name, engine, before) in engines)
        {
            var target = new byte[ZstdCompressor.Bound(1 << 20)];
            foreach (var (level, figure) in new[] { (-1, before[0]), (1, before[1]), (3, before[2]) })
            {
                using var compressor = new ZstdCompressor(level, engine);
                var turn = 0;
                yield return Gigabytes($"zstd {name} level {level}, programs", figure, 1 << 20, () =>
                    compressor.Compress(blocks[turn++ % blocks.Count], target));
            }

            using var ofNoise = new ZstdCompressor(3, engine);
            yield return Gigabytes($"zstd {name} level 3, noise", before[3], 1 << 20, () => ofNoise.Compress(noise, target));
            using var decompressor = new ZstdDecompressor(engine);
            var (content, next) = (new byte[1 << 20], 0);
            var frames = blocks.Select(block => target[..ofNoise.Compress(block, target)].ToArray()).ToList();
            yield return Gigabytes($"zstd {name} decompression", before[4], 1 << 20, () =>
            {
                if (!decompressor.TryDecompress(frames[next++ % frames.Count], content, out _))
                {
                    throw new InvalidOperationException("The frame doesn't open.");
                }
            });
        }
    }

    private static IEnumerable<Kernel> Derivation()
    {
        var key = new byte[64];
        yield return new Kernel("scrypt n=16384 r=8 p=2", "keys/s", 1 / 0.21, () =>
        {
            Scrypt.DeriveKey("password"u8, "salt"u8, 16384, 8, 2, key);
            return 1;
        });
    }

    private static Kernel Gigabytes(string name, double? before, int bytes, Action work) => new(name, "GB/s", before, () =>
    {
        work();
        return bytes / Giga;
    });

    private static void Times(int count, Action work)
    {
        for (var i = 0; i < count; i++)
        {
            work();
        }
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(14).NextBytes(noise);
        return noise;
    }

    /// <summary>The programs of this machine, one after the other: the mix that the prototype was measured with.</summary>
    private static byte[] Programs(int length)
    {
        var bytes = new MemoryStream();
        foreach (var file in Directory.EnumerateFiles("/usr/bin").Order(StringComparer.Ordinal).TakeWhile(_ => bytes.Length < length))
        {
            bytes.Write(File.ReadAllBytes(file));
        }

        return bytes.ToArray()[..(int)Math.Min(length, bytes.Length)];
    }
}
