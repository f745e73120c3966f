using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Json;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Tests.Repository;

public class VaultIndexTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(17, 3)]
    [InlineData(1000, 4)]
    [InlineData(100_000, 5)]
    public void Index_of_any_size_finds_what_was_added_and_nothing_else(int blobs, int seed)
    {
        var random = new Random(seed);
        var index = new VaultIndex();
        var expected = new Dictionary<(BlobId, BlobKind), List<BlobLocation>>();
        var known = new List<PackedBlob>();
        while (index.BlobCount < blobs)
        {
            var pack = RandomId(random);
            var entries = new List<PackedBlob>();
            for (var i = random.Next(1, 50); i > 0; i--)
            {
                var isKnown = known.Count > 0 && random.Next(10) == 0; // duplicates are normal
                var id = isKnown ? known[random.Next(known.Count)].Id : RandomId(random);
                var offset = (uint)(entries.Count == 0 ? 0 : entries[^1].End);
                var compressedFrom = random.Next(2) == 0 ? 0 : (uint)random.Next(1, 1 << 20);
                entries.Add(new PackedBlob(id, (BlobKind)random.Next(2), offset, (uint)random.Next(33, 1 << 20), compressedFrom));
            }

            var first = index.BlobCount;
            var added = index.AddPack(pack, [.. entries]);
            known.AddRange(entries);
            Assert.Equal(entries, added.Blobs.Select(entry => entry.Blob));
            for (var i = 0; i < entries.Count; i++)
            {
                var key = (entries[i].Id, entries[i].Kind);
                expected.TryAdd(key, []);
                expected[key].Add(new BlobLocation(pack, entries[i], first + i));
            }
        }

        Assert.All(expected, entry =>
        {
            Assert.Equal(entry.Value, index.FindAll(entry.Key.Item2, entry.Key.Item1).OrderBy(location => location.Number));
            Assert.Contains(index.TryFind(entry.Key.Item2, entry.Key.Item1, out var any) ? any : default, entry.Value);
            Assert.Equal(entry.Value[0], index[entry.Value[0].Number]);
        });
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(index.Contains(BlobKind.Data, RandomId(random)));
        }
    }

    [Fact]
    public void Index_of_a_million_blobs_takes_at_most_60_MB()
    {
        var random = new Random(1);
        var index = new VaultIndex();
        var before = GC.GetTotalMemory(forceFullCollection: true); // of the whole process, in which other tests work as well
        var entries = new PackedBlob[20];
        while (index.BlobCount < 1_000_000)
        {
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = new PackedBlob(RandomId(random), BlobKind.Data, (uint)i * 1000, 1000, 2000);
            }

            index.AddPack(RandomId(random), entries);
        }

        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(index);
        Assert.InRange(index.Size, 1, 57_000_000);
        Assert.InRange(used, 1, 70_000_000);
    }

    [Fact]
    public void Same_pack_of_another_index_file_changes_nothing_but_its_missing_blobs_are_added()
    {
        var random = new Random(1);
        var index = new VaultIndex();
        var pack = RandomId(random);
        PackedBlob[] blobs = [new(RandomId(random), BlobKind.Data, 0, 100, 0), new(RandomId(random), BlobKind.Tree, 100, 100, 500)];
        index.AddPack(pack, blobs.AsSpan(0, 1));
        index.AddPack(RandomId(random), [new(RandomId(random), BlobKind.Data, 0, 100, 0)]);
        index.AddPack(pack, blobs.AsSpan(0, 1));

        var whole = index.AddPack(pack, blobs);

        Assert.Equal((2, 3), (index.PackCount, index.BlobCount));
        Assert.Equal(blobs, whole.Blobs.Select(entry => entry.Blob));
        Assert.Equal([0, 2], whole.Blobs.Select(entry => entry.Number));
        Assert.Equal(36 + 100 + 37 + 100 + 41, index.FindPack(pack)!.Value.Size);
    }

    [Fact]
    public void Blob_is_reserved_by_one_until_it_is_stored_or_released()
    {
        var random = new Random(1);
        var index = new VaultIndex();
        var id = RandomId(random);

        Assert.True(index.TryReserve(BlobKind.Data, id));
        Assert.False(index.TryReserve(BlobKind.Data, id));
        Assert.True(index.TryReserve(BlobKind.Tree, id)); // the same bytes as a tree are another blob
        Assert.False(index.Contains(BlobKind.Data, id));
        index.Release(BlobKind.Data, id);
        Assert.True(index.TryReserve(BlobKind.Data, id));
        index.AddPack(RandomId(random), [new(id, BlobKind.Data, 0, 100, 0)]);
        Assert.False(index.TryReserve(BlobKind.Data, id));
        Assert.True(index.Contains(BlobKind.Data, id));
    }

    [Fact]
    public void Index_text_is_read_as_it_was_written()
    {
        var random = new Random(1);
        var (index, copy) = (new VaultIndex(), new VaultIndex());
        for (var i = 0; i < 10; i++)
        {
            PackedBlob[] blobs = [new(RandomId(random), BlobKind.Data, 0, 100, 0), new(RandomId(random), BlobKind.Tree, 100, 100, 500)];
            index.AddPack(RandomId(random), blobs);
        }

        var writer = new GoJsonWriter();
        IndexJson.Write(writer, index.Packs);
        var file = IndexJson.Read(AnyIndex, writer.Written.Span, (in pack, blobs) => copy.AddPack(pack, blobs));

        Assert.Equal((10, 20), (file.Packs.Count, file.BlobCount));
        Assert.Equal(index.Packs.Select(pack => pack.Id), copy.Packs.Select(pack => pack.Id));
        Assert.Equal(index.Packs.SelectMany(pack => pack.Blobs), copy.Packs.SelectMany(pack => pack.Blobs));
    }

    [Fact]
    public void Index_of_other_programs_is_read_without_what_they_added()
    {
        var id = new string('a', 64);
        var index = new VaultIndex();

        IndexJson.Read(
            AnyIndex,
            System.Text.Encoding.UTF8.GetBytes(
                """
                { "supersedes": ["AA"], "packs_to_delete": [{"id":"AA","blobs":[]}],
                  "packs": [{"id":"BB","time":"2024-01-01T00:00:00Z","size":1,"blobs":
                    [{"id":"AA","type":"tree","offset":0,"length":50,"uncompressed_length":9,"x":{"y":[1]}}]},
                    {"id":"AA","blobs":null}], "z": null }
                """.Replace("AA", id, StringComparison.Ordinal).Replace("BB", new string('b', 64), StringComparison.Ordinal)),
            (in pack, blobs) => index.AddPack(pack, blobs));

        Assert.Equal((2, 1), (index.PackCount, index.BlobCount));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"packs\":[]}x")]
    [InlineData("{\"packs\":{}}")]
    [InlineData("{\"packs\":[{}]}")]
    [InlineData("{\"packs\":[{\"id\":\"AA\",\"blobs\":[]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"data\",\"offset\":0,\"length\":31}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"data\",\"offset\":-1,\"length\":50}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"data\",\"offset\":4294967295,\"length\":50}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"data\",\"offset\":0,\"length\":4294967295}]}]}")]
    [InlineData(
        "{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"data\",\"offset\":0,\"length\":50,"
        + "\"uncompressed_length\":4294967295}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"ID\",\"blobs\":[{\"id\":\"ID\",\"type\":\"blob\",\"offset\":0,\"length\":50}]}]}")]
    public void Text_that_is_no_index_or_has_impossible_lengths_is_damaged(string text)
    {
        var json = System.Text.Encoding.UTF8.GetBytes(text.Replace("ID", new string('a', 64), StringComparison.Ordinal));

        var error = Assert.Throws<VaultException>(() => IndexJson.Read(AnyIndex, json, (in _, _) => { }));

        Assert.Equal((VaultFault.Damaged, AnyIndex), (error.Fault, error.File!.Value));
    }

    private static readonly BlobName AnyIndex = BlobName.Of(BlobType.Index, new string('f', 64));

    private static BlobId RandomId(Random random)
    {
        Span<byte> bytes = stackalloc byte[BlobId.Length];
        random.NextBytes(bytes);
        return new BlobId(bytes);
    }
}
