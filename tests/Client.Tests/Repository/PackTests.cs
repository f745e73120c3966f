using System.Buffers.Binary;
using Halley.Client.Repository;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

public class PackTests
{
    [Fact]
    public async Task Many_workers_save_blobs_of_all_lengths_and_each_is_read_again()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store, new VaultOptions { PackSize = 200_000 });
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var blobs = Enumerable.Range(0, 400).Select(i => Content(i)).ToList();
        var saved = 0;
        await using (var writer = vault.CreatePackWriter(index))
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 4), async (_, token) =>
            {
                using var encoder = vault.CreateEncoder();
                foreach (var blob in blobs) // all workers save the same: each blob is stored once
                {
                    var kind = blob.Length % 3 == 0 ? BlobKind.Tree : BlobKind.Data;
                    Interlocked.Add(ref saved, await writer.SaveAsync(kind, BlobId.Of(blob), blob, encoder, token) ? 1 : 0);
                }
            });
            await writer.FinishAsync(CancellationToken.None);
            Assert.Equal(blobs.Count, writer.Statistics.DataBlobs + writer.Statistics.TreeBlobs);
            Assert.Equal(blobs.Sum(blob => blob.Length), writer.Statistics.PlainBytes);
        }

        Assert.Equal(blobs.Count, saved);
        using var reopened = await TestVault.OpenAsync(store);
        var loaded = await reopened.LoadIndexAsync(CancellationToken.None);
        Assert.Equal(blobs.Count, loaded.BlobCount);
        foreach (var blob in blobs)
        {
            var kind = blob.Length % 3 == 0 ? BlobKind.Tree : BlobKind.Data;
            Assert.Equal(blob, await reopened.ReadBlobAsync(loaded, kind, BlobId.Of(blob), CancellationToken.None));
        }

        await AssertPacksAgreeAsync(reopened, loaded, store);
    }

    [Fact]
    public async Task Small_leftovers_become_one_pack_of_each_kind()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);

        await TestVault.BackUpAsync(vault, [.. Enumerable.Range(0, 64).Select(i => ($"file{i}", TestVault.Bytes(100, i)))]);

        Assert.Equal(2, (await TestVault.NamesAsync(store, BlobType.Data)).Count);
    }

    [Fact]
    public async Task Blob_that_is_as_large_as_a_pack_has_one_of_its_own()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store, new VaultOptions { PackSize = 100_000 });

        await TestVault.BackUpAsync(vault, ("large", TestVault.Bytes(150_000, 1)), ("small", TestVault.Bytes(10, 2)));

        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var large = index.FindAll(BlobKind.Data, BlobId.Of(TestVault.Bytes(150_000, 1))).Single();
        Assert.Equal(1, index.FindPack(large.Pack)!.Value.BlobCount);
        Assert.Equal(3, index.PackCount);
    }

    [Fact]
    public async Task Data_that_compression_does_not_help_is_stored_as_it_is_and_trees_never_are()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await TestVault.BackUpAsync(vault, ("random", TestVault.Bytes(10_000, 1)), ("zeros", new byte[10_000]));
        var index = await vault.LoadIndexAsync(CancellationToken.None);

        var random = index.FindAll(BlobKind.Data, BlobId.Of(TestVault.Bytes(10_000, 1))).Single().Blob;
        var zeros = index.FindAll(BlobKind.Data, BlobId.Of(new byte[10_000])).Single().Blob;

        Assert.Equal((false, 10_000u, 10_032u), (random.IsCompressed, random.PlainLength, random.Length));
        Assert.Equal((true, 10_000u), (zeros.IsCompressed, zeros.PlainLength));
        Assert.All(
            index.Packs.SelectMany(pack => pack.Blobs),
            entry => Assert.True(entry.Blob.Kind == BlobKind.Data || entry.Blob.IsCompressed));
    }

    [Fact]
    public async Task Many_blobs_are_read_with_few_requests_and_damage_is_of_one_blob_only()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        await TestVault.BackUpAsync(vault, [.. Enumerable.Range(0, 50).Select(i => ($"file{i}", TestVault.Bytes(1000 + i, i)))]);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var pack = index.Packs.Single(pack => pack.BlobCount == 50);
        var blobs = pack.Blobs.Select(entry => entry.Blob).OrderBy(blob => blob.Offset).ToList();
        var file = await new TestBlob(BlobName.Of(BlobType.Data, pack.Id.ToString()), []).ReadAsync(store);
        file![blobs[7].Offset + 40] ^= 1;
        var damaged = new CountingReader(file);
        using var reader = new PackReader(BlobName.Of(BlobType.Data, pack.Id.ToString()), damaged);
        using var decoder = vault.CreateDecoder();
        var seen = new List<(PackedBlob Blob, BlobDamage Damage)>();

        await reader.ReadManyAsync(
            [.. blobs, blobs[3] with { Offset = (uint)file.Length - 10 }],
            decoder,
            blob =>
            {
                seen.Add((blob.Blob, blob.Damage));
                Assert.True(blob.Damage != BlobDamage.None || BlobId.Of(blob.Plain.Span) == blob.Blob.Id);
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal(51, seen.Count);
        Assert.Equal(BlobDamage.NotAuthentic, seen[7].Damage);
        Assert.Equal(BlobDamage.Truncated, seen[50].Damage);
        Assert.Equal(2, seen.Count(entry => entry.Damage != BlobDamage.None));
        Assert.Equal(1, damaged.Reads);
    }

    [Fact]
    public async Task Header_that_lies_is_damage_whatever_it_says()
    {
        using var key = VaultKey.CreateRandom();
        var id = BlobId.Of([1]);
        foreach (var (blobs, content) in new (PackedBlob[], int)[]
        {
            ([new(id, BlobKind.Data, 0, 100, 0)], 99),
            ([new(id, BlobKind.Data, 0, 100, 0)], 101),
            ([new(id, BlobKind.Data, 0, 31, 0)], 31),
            ([new(id, BlobKind.Data, 0, uint.MaxValue, 0)], 100),
            ([new(id, BlobKind.Data, 0, 100, uint.MaxValue)], 100),
            ([new(id, BlobKind.Tree, 0, 100, 1u << 31)], 100),
        })
        {
            var header = PackHeader.Seal(key, blobs);
            await AssertDamagedAsync(key, [.. new byte[content], .. header]);
        }
    }

    [Fact]
    public async Task File_that_cannot_be_a_pack_is_damage()
    {
        using var key = VaultKey.CreateRandom();
        await AssertDamagedAsync(key, []);
        await AssertDamagedAsync(key, [1, 2, 3]);
        foreach (var length in new uint[] { 0, 31, 100, (16 << 20) + 1, int.MaxValue, uint.MaxValue })
        {
            var file = new byte[100];
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(96), length);
            await AssertDamagedAsync(key, file);
        }
    }

    [Fact]
    public async Task Header_of_unknown_types_or_with_half_an_entry_is_damage()
    {
        using var key = VaultKey.CreateRandom();
        foreach (var plain in new[]
        {
            new byte[10], [4, .. new byte[36]], [0x80, .. new byte[40]], [2, .. new byte[36]], [0, 32, 0, 0, 0, .. new byte[33]],
        })
        {
            var header = new byte[plain.Length + VaultKey.Overhead];
            key.Seal(plain, header);
            await AssertDamagedAsync(key, [.. new byte[32], .. header, .. BitConverter.GetBytes(header.Length)]);
        }
    }

    [Fact]
    public void Frame_that_says_another_length_than_its_index_is_damage()
    {
        using var key = VaultKey.CreateRandom();
        using var encoder = new BlobEncoder(key, 3, verify: true);
        using var decoder = new BlobDecoder(key);
        var plain = new byte[5_000_000];
        var blob = encoder.Encode(BlobKind.Data, BlobId.Of(plain), plain, out var sealedText);

        Assert.InRange(sealedText.Length, 33, 10_000);
        Assert.Equal(BlobDamage.None, decoder.TryDecode(sealedText.ToArray(), blob, out var decoded));
        Assert.Equal(plain.Length, decoded.Length);
        Assert.Equal(BlobDamage.NotCompressed, decoder.TryDecode(sealedText.ToArray(), blob with { CompressedFrom = 4_999_999 }, out _));
        Assert.Equal(BlobDamage.NotCompressed, decoder.TryDecode(sealedText.ToArray(), blob with { CompressedFrom = 100_000_000 }, out _));
        Assert.Equal(BlobDamage.OtherContent, decoder.TryDecode(sealedText.ToArray(), blob with { Id = BlobId.Of([1]) }, out _));
        Assert.Equal(BlobDamage.OtherContent, decoder.TryDecode(sealedText.ToArray(), blob with { CompressedFrom = 0 }, out _));
        Assert.Equal(BlobDamage.Truncated, decoder.TryDecode(sealedText.ToArray().AsMemory()[..^1], blob, out _));
    }

    [Fact]
    public async Task Backup_whose_nth_store_call_fails_never_leaves_an_index_without_its_packs_or_a_snapshot_that_cannot_be_read()
    {
        for (var n = 1; ; n++)
        {
            var inner = new MemoryBlobStore();
            using (await TestVault.CreateAsync(inner))
            {
            }

            var store = new FaultyBlobStore(inner);
            var hasFailed = false;
            using (var vault = await TestVault.OpenAsync(store, new VaultOptions { PackSize = 10_000 }))
            {
                store.FailCall(n);
                try
                {
                    await TestVault.BackUpAsync(vault, [.. Enumerable.Range(0, 20).Select(i => ($"file{i}", TestVault.Bytes(3000, i)))]);
                }
                catch (BlobStoreException)
                {
                    hasFailed = true;
                }
            }

            using var reopened = await TestVault.OpenAsync(inner);
            await AssertPacksAgreeAsync(reopened, await reopened.LoadIndexAsync(CancellationToken.None), inner, strays: hasFailed);
            Assert.Equal(hasFailed ? 0 : 20, (await TestVault.ReadAllAsync(reopened)).Count);
            if (!hasFailed)
            {
                Assert.InRange(n, 8, 50);
                return;
            }
        }
    }

    private static async Task AssertPacksAgreeAsync(Vault vault, VaultIndex index, MemoryBlobStore store, bool strays = false)
    {
        var files = (await TestBlob.ListAsync(store, BlobType.Data)).ToDictionary(entry => entry.Id, entry => entry.Length);
        using var decoder = vault.CreateDecoder();
        foreach (var pack in index.Packs)
        {
            Assert.Equal(pack.Size, files[pack.Id.ToString()]);
            using var reader = await vault.OpenPackAsync(pack.Id, CancellationToken.None);
            Assert.Equal(pack.Blobs.Select(entry => entry.Blob), await reader!.ReadHeaderAsync(decoder, CancellationToken.None));
            Assert.Single(pack.Blobs.Select(entry => entry.Blob.Kind).Distinct());
        }

        Assert.True(strays || files.Count == index.PackCount);
    }

    private static async Task AssertDamagedAsync(VaultKey key, byte[] file)
    {
        using var reader = new PackReader(BlobName.Of(BlobType.Data, BlobId.Of(file).ToString()), new CountingReader(file));
        using var decoder = new BlobDecoder(key);

        var fault = await TestVault.FaultOfAsync(() => reader.ReadHeaderAsync(decoder, CancellationToken.None).AsTask());

        Assert.Equal(VaultFault.Damaged, fault);
    }

    private static byte[] Content(int i)
    {
        var length = i < 40 ? i + 1 : i * 97 % 30_000;
        return i % 2 == 0 ? TestVault.Bytes(length + 1, i) : [.. Enumerable.Repeat((byte)i, length), .. BitConverter.GetBytes(i)];
    }

    private sealed class CountingReader(byte[] file) : BlobReader
    {
        public int Reads { get; private set; }

        public override long Length => file.Length;

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            Reads++;
            var count = (int)Math.Clamp(file.Length - offset, 0, buffer.Length);
            file.AsSpan((int)offset, count).CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
