using System.Security.Cryptography;
using System.Text;
using Halley.Client.Repository.Encryption;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using BouncyPoly1305 = Org.BouncyCastle.Crypto.Macs.Poly1305;

namespace Halley.Client.Tests.Repository.Encryption;

public class VaultKeyTests
{
    private static readonly byte[] Encryption = Sequence(0x00, VaultKey.EncryptionLength);
    private static readonly byte[] MacK = Sequence(0x20, VaultKey.MacLength);
    private static readonly byte[] MacR = Sequence(0x30, VaultKey.MacLength);

    // With encrypt = 00…1f, mac.k = 20…2f, mac.r = 30…3f; made by a program in another language that reads restic's repositories.
    public static TheoryData<string, string, string, bool> Vectors
    {
        get
        {
            (string Vector, string Plain, string Sealed)[] vectors =
            [
                ("6465666768696a6b6c6d6e6f70717273", "", "904414197d3fca3109f4c2d979122a8b"),
                ("6465666768696a6b6c6d6e6f70717273", Hex("hello restic\n"), "fbbd7d4cd900c9280df9d6c8ecc8f2a12207c68f874b8edcb4f28c75b4"),
                // The counter wraps to zero.
                (
                    "ffffffffffffffffffffffffffffffff", Convert.ToHexString(Sequence(0, 40)),
                    "e998e61e48a276dd5b8e1b70518259e1e28112a53e5c89c7b1ea8071c133699fd07c548d6e9cb9c2693a8aef83793df01a31e9da5a56837b"),
                // The counter carries into its high half.
                (
                    "0000000000000000ffffffffffffffff", new string('0', 96),
                    "a6fbdb5cfde07d1b58fd362177bcffdf511dd5ef9a682b7da49f91c86c4f7ac3"
                    + "40c53cef92ef2d643f638b8222db1e8598ba92a47e2693bbe5c8039d02dccd00"),
            ];
            var data = new TheoryData<string, string, string, bool>();
            foreach (var (vector, plain, rest) in vectors)
            {
                data.Add(vector, plain, vector + rest, true);
                data.Add(vector, plain, vector + rest, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Sealed_messages_are_those_of_the_vectors(string vector, string plain, string expected, bool intrinsics)
    {
        using var key = new VaultKey(Encryption, MacK, MacR, intrinsics);
        var (message, text) = (Convert.FromHexString(expected), Convert.FromHexString(plain));

        Assert.Equal(expected, Convert.ToHexStringLower(SealWith(key, Convert.FromHexString(vector), text)));
        var opened = new byte[text.Length];
        Assert.True(key.TryOpen(message, opened));
        Assert.Equal(text, opened);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sealed_message_of_300_bytes_is_that_of_the_vector(bool intrinsics)
    {
        using var key = new VaultKey(Encryption, MacK, MacR, intrinsics);
        var message = SealWith(key, Sequence(0, 16), GeneratedBytes.Create(300));

        var hash = Convert.ToHexStringLower(SHA256.HashData(message));
        Assert.Equal("7aa7bb7dcfbb7c6e2ed414988d3d59c4b59da31c73ebae55d396a254dca30762", hash);
        Assert.Equal("219b65da9aa70ec74775ae4142fd76ab", Convert.ToHexStringLower(message[^16..]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Messages_of_all_lengths_and_alignments_are_sealed_as_BouncyCastle_does(bool intrinsics)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        for (var i = 0; i < 600; i++)
        {
            var length = i < 400 ? i : random.Next(100_000);
            var (encryption, macK, macR) = (RandomBytes(random, 32), RandomBytes(random, 16), RandomBytes(random, 16));
            var (plain, vector) = (RandomBytes(random, length), RandomBytes(random, 16));
            if (i % 3 == 0)
            {
                // Soon carries into the high half.
                vector.AsSpan(8, 7).Fill(0xff);
            }

            using var key = new VaultKey(encryption, macK, macR, intrinsics);
            var (before, beforePlain) = (random.Next(64), random.Next(64));
            var memory = new byte[before + length + VaultKey.Overhead + 64];
            var message = memory.AsSpan(before, length + VaultKey.Overhead);
            vector.CopyTo(message);
            key.SealWithVector(new byte[beforePlain].Concat(plain).ToArray().AsSpan(beforePlain), message);
            var opened = new byte[before + length + 64];
            var isOpened = key.TryOpen(message, opened.AsSpan(before, length));

            var label = $"seed {seed}, message {i}, {length} bytes";
            Assert.True(BouncySeal(encryption, macK, macR, vector, plain).AsSpan().SequenceEqual(message), label);
            Assert.True(isOpened && opened.AsSpan(before, length).SequenceEqual(plain), label);
            Assert.True(IsZero(memory.AsSpan(0, before)) && IsZero(memory.AsSpan(before + message.Length)), $"{label}: written outside");
            Assert.True(IsZero(opened.AsSpan(0, before)) && IsZero(opened.AsSpan(before + length)), $"{label}: written outside");
        }
    }

    [Fact]
    public void Every_changed_bit_of_a_message_is_found_and_nothing_is_written()
    {
        using var key = VaultKey.CreateRandom();
        var message = new byte[77 + VaultKey.Overhead];
        key.Seal(new byte[77], message);
        var opened = Sequence(1, 77);
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.TryOpen(message, opened), $"bit {bit}");
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(Sequence(1, 77), opened);
        Assert.True(key.TryOpen(message, opened));
    }

    [Fact]
    public void Message_of_another_key_a_cut_message_and_no_message_are_not_opened()
    {
        using var key = VaultKey.CreateRandom();
        using var other = VaultKey.CreateRandom();
        var message = new byte[40 + VaultKey.Overhead];
        other.Seal(new byte[40], message);

        Assert.False(key.TryOpen(message, new byte[40]));
        for (var length = 0; length < message.Length; length++)
        {
            Assert.False(other.TryOpen(message.AsSpan(0, length), new byte[Math.Max(0, length - VaultKey.Overhead)]), $"{length} bytes");
        }
    }

    [Fact]
    public void Vector_of_zeros_is_not_opened_though_its_authenticator_is_right()
    {
        using var key = VaultKey.CreateRandom();
        Assert.False(key.TryOpen(SealWith(key, new byte[16], new byte[10]), new byte[10]));
    }

    [Fact]
    public void Messages_are_sealed_and_opened_in_place_but_not_with_another_overlap()
    {
        using var key = VaultKey.CreateRandom();
        foreach (var length in new[] { 0, 1, 100, 1000, 70_000 })
        {
            var plain = GeneratedBytes.Create(length);
            var memory = new byte[length + VaultKey.Overhead];
            plain.CopyTo(memory.AsSpan(16));
            key.Seal(memory.AsSpan(16, length), memory);
            Assert.True(key.TryOpen(memory, memory.AsSpan(16, length)));
            Assert.Equal(plain, memory.AsSpan(16, length).ToArray());
        }

        var shared = new byte[200];
        Assert.Throws<ArgumentException>(() => key.Seal(shared.AsSpan(0, 100), shared.AsSpan(0, 132)));
        Assert.Throws<ArgumentException>(() => key.Seal(shared.AsSpan(17, 100), shared.AsSpan(0, 132)));
        Assert.Throws<ArgumentException>(() => key.TryOpen(shared.AsSpan(0, 132), shared.AsSpan(40, 100)));
    }

    [Fact]
    public void Vectors_are_new_for_every_message_from_every_thread()
    {
        using var key = VaultKey.CreateRandom();
        var vectors = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 20_000, _ =>
        {
            var message = new byte[VaultKey.Overhead];
            key.Seal([], message);
            vectors.Add(Convert.ToHexString(message.AsSpan(0, 16)));
        });

        Assert.Equal(20_000, vectors.Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_key_serves_many_threads(bool intrinsics)
    {
        using var key = new VaultKey(Encryption, MacK, MacR, intrinsics);
        var plain = GeneratedBytes.Create(50_000);
        Parallel.For(0, 200, i =>
        {
            var (message, opened) = (new byte[plain.Length + VaultKey.Overhead], new byte[plain.Length]);
            key.Seal(plain, message);
            Assert.True(key.TryOpen(message, opened));
            Assert.Equal(plain, opened);
        });
    }

    [Fact]
    public void Parts_come_out_as_they_went_in_and_new_keys_have_an_r_that_old_restic_takes()
    {
        using var key = new VaultKey(Encryption, MacK, MacR);
        var (encryption, macK, macR) = Parts(key);
        Assert.Equal(Encryption, encryption);
        Assert.Equal(MacK, macK);
        Assert.Equal(MacR, macR);

        using var random = VaultKey.CreateRandom();
        using var another = VaultKey.CreateRandom();
        (encryption, macK, macR) = Parts(random);
        var clamped = macR.ToArray();
        Poly1305.Clamp(clamped);
        Assert.Equal(clamped, macR);
        Assert.NotEqual(encryption, Parts(another).Encryption);
        Assert.NotEqual(macK, Parts(another).MacK);
        using var copy = new VaultKey(encryption, macK, macR);
        Assert.True(copy.TryOpen(SealWith(random, Sequence(1, 16), []), []));
    }

    [Fact]
    public void Parts_of_a_wrong_length_or_of_zeros_are_no_key()
    {
        Assert.Throws<ArgumentException>(() => new VaultKey(new byte[32], MacK, MacR));
        Assert.Throws<ArgumentException>(() => new VaultKey(Encryption, new byte[16], MacR));
        Assert.Throws<ArgumentException>(() => new VaultKey(Encryption, MacK, new byte[16]));
        Assert.Throws<ArgumentException>(() => new VaultKey(Encryption.AsSpan(1), MacK, MacR));
        Assert.Throws<ArgumentException>(() => new VaultKey(Encryption, Encryption, MacR));
        Assert.Throws<ArgumentException>(() => new VaultKey(Encryption, MacK, []));
    }

    [Fact]
    public void Lengths_that_do_not_match_are_a_mistake_of_the_program()
    {
        using var key = VaultKey.CreateRandom();
        Assert.Throws<ArgumentException>(() => key.Seal(new byte[10], new byte[41]));
        Assert.Throws<ArgumentException>(() => key.Seal(new byte[10], new byte[5]));
        Assert.Throws<ArgumentException>(() => key.TryOpen(new byte[42], new byte[11]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Erased_key_does_nothing_more(bool intrinsics)
    {
        var key = new VaultKey(Encryption, MacK, MacR, intrinsics);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Seal([], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.TryOpen(new byte[32], []));
        Assert.Throws<ObjectDisposedException>(() => key.TryOpen([], []));
        Assert.Throws<ObjectDisposedException>(() => Parts(key));
    }

    private static byte[] SealWith(VaultKey key, byte[] vector, byte[] plain)
    {
        var message = new byte[plain.Length + VaultKey.Overhead];
        vector.CopyTo(message, 0);
        key.SealWithVector(plain, message);
        return message;
    }

    private static byte[] BouncySeal(byte[] encryption, byte[] macK, byte[] macR, byte[] vector, byte[] plain)
    {
        var cipher = new BufferedBlockCipher(new SicBlockCipher(AesUtilities.CreateEngine()));
        cipher.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(encryption), vector));
        var cipherText = cipher.DoFinal(plain);
        var s = new byte[16];
        var block = AesUtilities.CreateEngine();
        block.Init(forEncryption: true, new KeyParameter(macK));
        block.ProcessBlock(vector, 0, s, 0);
        var poly = new BouncyPoly1305();
        poly.Init(new KeyParameter([.. macR, .. s]));
        poly.BlockUpdate(cipherText, 0, cipherText.Length);
        var tag = new byte[16];
        poly.DoFinal(tag, 0);
        return [.. vector, .. cipherText, .. tag];
    }

    private static (byte[] Encryption, byte[] MacK, byte[] MacR) Parts(VaultKey key)
    {
        var parts = (Encryption: new byte[32], MacK: new byte[16], MacR: new byte[16]);
        key.CopyTo(parts.Encryption, parts.MacK, parts.MacR);
        return parts;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Sequence(byte first, int length) => [.. Enumerable.Range(first, length).Select(value => (byte)value)];

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}
