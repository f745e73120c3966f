using System.Security.Cryptography;
using System.Text;
using Halley.Client.Repository.Compression;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Tests.Repository.Compression;

public class ZstdTests
{
    public static TheoryData<string> Engines => new() { "native", "managed" };

    [Fact]
    public void Native_library_is_used_on_this_system()
    {
        Assert.True(NativeZstd.IsAvailable);
        Assert.IsType<NativeZstd>(ZstdEngine.Fastest);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void What_either_library_compresses_both_read(string writes)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        using var native = new ZstdDecompressor(Engine("native"));
        using var managed = new ZstdDecompressor(Engine("managed"));
        foreach (var level in new[] { 1, 3, 11, 19 })
        {
            using var compressor = new ZstdCompressor(level, Engine(writes));
            for (var i = 0; i < 15; i++)
            {
                // A few are longer than the window of 512 KiB.
                var content = Content(random, i % 7 == 0 ? random.Next(600_000, 900_000) : random.Next(3000));
                var frame = new byte[ZstdCompressor.Bound(content.Length)];
                var length = compressor.Compress(content, frame);

                AssertReads(native, content, frame.AsSpan(0, length), $"seed {seed}, level {level}, message {i}, native");
                AssertReads(managed, content, frame.AsSpan(0, length), $"seed {seed}, level {level}, message {i}, managed");
            }
        }
    }

    private static void AssertReads(ZstdDecompressor decompressor, byte[] content, ReadOnlySpan<byte> frame, string label)
    {
        var opened = new byte[content.Length];
        Assert.True(decompressor.TryDecompress(frame, opened, out var written), label);
        Assert.True(written == content.Length && content.AsSpan().SequenceEqual(opened), label);
        Assert.True(ZstdDecompressor.ReadContentSize(frame) == (ulong)content.Length, label);
        Assert.True(decompressor.TryDecompress(frame, content.Length, out var grown), label);
        Assert.True(content.AsSpan().SequenceEqual(grown), label);
    }

    // The snapshot of a repository of restic 0.14: byte 2, then a frame without the length of its content.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Frame_of_restic_without_a_length_is_read(string engine)
    {
        var message = Convert.FromBase64String(
            "G+cwDKdxp3cBkKW2DJjKq5kWyvq1+4pIJOjdA8DuoeP8tsrSJS7+vBENo58tlAELXXNcmLY4D3bgTvEded+XQVVXip2kG6QrSp+Ba7+l3NUcr2"
            + "i3fE67/mxKBZjSmPoWZXQ6jGA1H00mn6fZQJ/ZGxgHQkQZggiJhqVPgBezKtMnuFmTaJK0nvO14rqJyA1j16dCgYi7lqCEohmpt8Ambi5DFtHx"
            + "qDc6HsXjIC7hkSqlEQNp0FfSnw3xVZoEkX6fUUEuM0rGUe4el3OOV6zaGq/+hY1lAw==");
        using var key = new VaultKey(
            Convert.FromHexString("8806155f1926a657a36858af5509af19166cb1e2a0f8b64def5821d7fd154072"),
            Convert.FromHexString("5310fe7f7cc1533165a0cf0df4a553cf"), Convert.FromHexString("2359600ebcb4630a1c28ad0f344b6b01"));
        var plain = new byte[message.Length - VaultKey.Overhead];
        Assert.True(key.TryOpen(message, plain));

        using var decompressor = new ZstdDecompressor(Engine(engine));
        Assert.Equal(2, plain[0]);
        Assert.Null(ZstdDecompressor.ReadContentSize(plain.AsSpan(1)));
        Assert.True(decompressor.TryDecompress(plain.AsSpan(1), 1 << 20, out var json));
        Assert.Equal(
            """
            {"time":"2026-11-27T18:34:18.798906605Z","tree":"8d5391be03b540b2a68b3294cce71fad031304d054b955317696ae2d749a61af",
            "paths":["/tmp/c/vec/src/t"],"hostname":"h1",
            "username":"root","excludes":["*.tmp"],"tags":["t1","t2"]}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(json));
        Assert.False(decompressor.TryDecompress(plain.AsSpan(1), json.Length - 1, out _));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Cut_and_changed_frames_give_no_wrong_length_and_touch_nothing_outside(string engine)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        using var compressor = new ZstdCompressor(3, Engine(engine));
        using var decompressor = new ZstdDecompressor(Engine(engine));
        var content = Content(random, 5000);
        var frame = Frame(compressor, content);
        var memory = new byte[content.Length + 200];
        for (var length = 0; length < frame.Length; length++)
        {
            var isFrame = decompressor.TryDecompress(frame.AsSpan(0, length), memory.AsSpan(100, content.Length), out var written);
            Assert.False(isFrame, $"seed {seed}, {length} bytes");
            Assert.Equal(0, written);
        }

        for (var i = 0; i < 5000; i++)
        {
            var changed = frame.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            }

            var isFrame = decompressor.TryDecompress(changed, memory.AsSpan(100, content.Length), out var written);
            Assert.True(written >= 0 && written <= content.Length && (isFrame || written == 0), $"seed {seed}, change {i}");
        }

        Assert.False(memory.AsSpan(0, 100).ContainsAnyExcept((byte)0), $"seed {seed}: written before the target");
        Assert.False(memory.AsSpan(content.Length + 100).ContainsAnyExcept((byte)0), $"seed {seed}: written after the target");
        var isStillOfUse = decompressor.TryDecompress(frame, memory.AsSpan(100, content.Length), out _);
        Assert.True(isStillOfUse, $"seed {seed}: the context doesn't work any more");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Bomb_fills_no_more_than_the_target_or_the_limit(string engine)
    {
        using var compressor = new ZstdCompressor(3, Engine(engine));
        using var decompressor = new ZstdDecompressor(Engine(engine));
        var bomb = Frame(compressor, new byte[64 << 20]);

        Assert.InRange(bomb.Length, 1, 10_000);
        Assert.False(decompressor.TryDecompress(bomb, new byte[1000], out var written));
        Assert.Equal(0, written);
        Assert.False(decompressor.TryDecompress(bomb, 1 << 20, out _));
        Assert.True(decompressor.TryDecompress(bomb, 64 << 20, out var content));
        Assert.Equal(64 << 20, content.Length);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Promise_of_a_huge_content_is_not_believed(string engine)
    {
        // Magic, single segment with an 8-byte length of 2^62, one raw block of a byte.
        var frame = Convert.FromHexString("28b52ffd" + "e0" + "0000000000000040" + "090000" + "61");
        using var decompressor = new ZstdDecompressor(Engine(engine));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(1UL << 62, ZstdDecompressor.ReadContentSize(frame));
        Assert.False(decompressor.TryDecompress(frame, int.MaxValue, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Nothing_and_nonsense_are_no_frames(string engine)
    {
        using var decompressor = new ZstdDecompressor(Engine(engine));
        foreach (var source in new byte[][] { [], [0], "hello restic, this is no frame"u8.ToArray(), new byte[100] })
        {
            Assert.False(decompressor.TryDecompress(source, new byte[100], out var written));
            Assert.Equal(0, written);
            Assert.False(decompressor.TryDecompress(source, 100, out _));
            Assert.Null(ZstdDecompressor.ReadContentSize(source));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Frame_that_does_not_fit_is_reported_by_zero(string engine)
    {
        using var compressor = new ZstdCompressor(3, Engine(engine));
        var random = RandomNumberGenerator.GetBytes(100_000);
        var target = new byte[random.Length + 200];

        Assert.Equal(0, compressor.Compress(random, target.AsSpan(100, random.Length - 1)));
        Assert.Equal(0, compressor.Compress([], []));
        Assert.False(target.AsSpan(0, 100).ContainsAnyExcept((byte)0));
        Assert.False(target.AsSpan(random.Length + 99).ContainsAnyExcept((byte)0));
        Assert.InRange(compressor.Compress(new byte[1000], target), 1, 100);
    }

    [Fact]
    public void Window_of_a_frame_is_no_larger_than_that_of_restic()
    {
        using var compressor = new ZstdCompressor(ZstdCompressor.MaxLevel);
        var frame = Frame(compressor, Content(new Random(1), 3_000_000));
        // RFC 8878 §3.1.1.1: no single segment, then the descriptor of the window with its exponent in the upper five bits.
        Assert.Equal(0, frame[4] & 0b0010_0000);
        Assert.Equal(19, 10 + (frame[5] >> 3));
        Assert.Equal(0, frame[4] & 0b0000_0111);
    }

    [Fact]
    public void Levels_that_do_not_exist_are_refused_and_freed_contexts_do_nothing_more()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(23));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(-8));
        var (compressor, decompressor) = (new ZstdCompressor(3), new ZstdDecompressor());
        compressor.Dispose();
        decompressor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => compressor.Compress(new byte[10], new byte[100]));
        Assert.Throws<ObjectDisposedException>(() => decompressor.TryDecompress(new byte[10], new byte[100], out _));
    }

    private static ZstdEngine Engine(string name) => name == "native" ? new NativeZstd() : new ManagedZstd();

    private static byte[] Frame(ZstdCompressor compressor, byte[] content)
    {
        var frame = new byte[ZstdCompressor.Bound(content.Length)];
        return frame[..compressor.Compress(content, frame)];
    }

    // Words, random bytes and runs, so that all kinds of blocks come about.
    private static byte[] Content(Random random, int length)
    {
        var content = new byte[length];
        for (var at = 0; at < length;)
        {
            var part = content.AsSpan(at, Math.Min(length - at, random.Next(1, 500)));
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(part);
                    break;
                case 1:
                    part.Fill((byte)random.Next(256));
                    break;
                default:
                    random.GetItems("{\"name\":,type file dir mode}"u8, part);
                    break;
            }

            at += part.Length;
        }

        return content;
    }
}
