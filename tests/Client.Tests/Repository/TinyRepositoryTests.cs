using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Tests.Repository;

/// <summary>What restic wrote is read as it is, and written again byte for byte.</summary>
public sealed class TinyRepositoryTests : IAsyncLifetime, IDisposable
{
    private const string DirectoryTree = "b1f839a606304bf1fea43e7dfd22309f9f3f0424507da696f5dcff0019adac77";
    private const string SmallTree = "8e13f68eb2d0a9c198e9af9e1de715feab49cdd1eb616c0643da177500579ddc";

    private static readonly string SmallTreeText = OneLine(
        """
        {"nodes":[{"name":"f","type":"file","mode":8389101,"mtime":"2024-01-02T03:04:05.12345678Z",
        "atime":"2024-01-02T03:04:05.12345678Z","ctime":"2026-11-27T18:34:13.432029687Z","uid":0,"gid":0,
        "user":"root","group":"root","inode":11831757,"device_id":65024,"size":1,"links":1,
        "content":["2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"]}]}
        """) + "\n";

    private static readonly string SnapshotText = OneLine(
        """
        {"time":"2026-11-27T18:34:18.798906605Z","tree":"8d5391be03b540b2a68b3294cce71fad031304d054b955317696ae2d749a61af",
        "paths":["/tmp/c/vec/src/t"],"hostname":"h1","username":"root","excludes":["*.tmp"],"tags":["t1","t2"]}
        """);

    private Vault _vault = null!;

    public async Task InitializeAsync() =>
        _vault = await TestVault.OpenAsync(await TinyRepository.OpenStoreAsync(), password: TinyRepository.Password);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _vault.Dispose();

    [Fact]
    public void Config_is_that_of_the_vector()
    {
        Assert.Equal(2, _vault.Config.Version);
        Assert.Equal("575743fd62352ece49ddd8a5d85973aa765021bab84b65ca524ca23cad62ccff", _vault.Config.Id.ToString());
        Assert.Equal(0x3a5c78553602f5UL, _vault.Config.Polynomial);
        Assert.Equal(
            OneLine(
                """
                {"version":2,"id":"575743fd62352ece49ddd8a5d85973aa765021bab84b65ca524ca23cad62ccff",
                "chunker_polynomial":"3a5c78553602f5"}
                """),
            Encoding.UTF8.GetString(_vault.Config.ToJson()));
    }

    [Fact]
    public async Task Key_file_is_listed_as_the_one_in_use()
    {
        var key = Assert.Single(await _vault.Keys.ListAsync(CancellationToken.None));

        Assert.Equal(TinyRepository.KeyFile, key.Id.ToString());
        Assert.True(key.IsCurrent);
        Assert.Equal(("root", "vm", "2026-11-27T18:34:15.723935249Z"), (key.UserName, key.HostName, key.Created.ToString()));
    }

    [Fact]
    public async Task Snapshot_is_read_and_written_again_without_a_change()
    {
        var entry = Assert.Single(await _vault.Snapshots.ListAsync(CancellationToken.None));

        Assert.Equal(TinyRepository.Snapshot, entry.Id.ToString());
        Assert.Equal(["t1", "t2"], entry.Snapshot.Tags);
        Assert.Equal(SnapshotText, Encoding.UTF8.GetString(SnapshotJson.Write(entry.Snapshot).Span));
    }

    [Fact]
    public async Task Index_names_the_blobs_that_the_packs_hold()
    {
        var index = await _vault.LoadIndexAsync(CancellationToken.None);

        Assert.Equal((11, 2), (index.BlobCount, index.PackCount));
        foreach (var pack in index.Packs)
        {
            using var reader = await _vault.OpenPackAsync(pack.Id, CancellationToken.None);
            using var decoder = _vault.CreateDecoder();
            Assert.Equal(reader!.Length, pack.Size);
            Assert.Equal(
                await reader.ReadHeaderAsync(decoder, CancellationToken.None),
                pack.Blobs.Select(entry => entry.Blob).OrderBy(blob => blob.Offset));
        }
    }

    [Fact]
    public async Task Header_of_the_data_pack_is_that_of_the_vector()
    {
        using var reader = await _vault.OpenPackAsync(BlobId.Parse(TinyRepository.DataPack), CancellationToken.None);
        using var decoder = _vault.CreateDecoder();

        Assert.Equal(
            [
                new PackedBlob(BlobId.Parse("8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf"), BlobKind.Data, 0, 42, 1),
                new PackedBlob(BlobId.Parse("fbbd69198637d5360353c39796181175de6311c2a61abe2fe6392c938018660f"), BlobKind.Data, 42, 54, 13),
                new PackedBlob(BlobId.Parse("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"), BlobKind.Data, 96, 42, 1),
            ],
            await reader!.ReadHeaderAsync(decoder, CancellationToken.None));
    }

    [Theory]
    [InlineData("8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf", "q")]
    [InlineData("fbbd69198637d5360353c39796181175de6311c2a61abe2fe6392c938018660f", "hello restic\n")]
    [InlineData("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "x")]
    public async Task Data_blob_holds_the_content_of_the_vector(string id, string content)
    {
        var index = await _vault.LoadIndexAsync(CancellationToken.None);

        var blob = await _vault.ReadBlobAsync(index, BlobKind.Data, BlobId.Parse(id), CancellationToken.None);

        Assert.Equal(content, Encoding.UTF8.GetString(blob));
    }

    [Fact]
    public async Task Small_tree_has_the_text_of_the_vector()
    {
        var tree = await ReadTreeAsync(SmallTree);
        var node = Assert.Single(tree.Nodes);

        Assert.Equal(SmallTreeText, Encoding.UTF8.GetString(tree.Text.Span));
        Assert.Equal(123_456_780, node.ModifyTime.Nanoseconds);
        Assert.Equal(Convert.ToUInt32("4755", 8), NodeMode.ToUnix(node.Mode));
        Assert.Equal(node.Mode, NodeMode.FromUnix(NodeType.File, Convert.ToUInt32("4755", 8)));
    }

    [Fact]
    public async Task Each_tree_is_written_again_without_a_change()
    {
        var index = await _vault.LoadIndexAsync(CancellationToken.None);
        var trees = index.Packs.SelectMany(pack => pack.Blobs).Where(entry => entry.Blob.Kind == BlobKind.Tree).ToList();
        var writer = new TreeWriter();

        Assert.Equal(8, trees.Count);
        foreach (var (blob, _) in trees)
        {
            var tree = await _vault.ReadTreeAsync(index, blob.Id, CancellationToken.None);
            writer.Clear();
            foreach (var node in tree.Nodes)
            {
                writer.Add(node);
            }

            Assert.Equal(Encoding.UTF8.GetString(tree.Text.Span), Encoding.UTF8.GetString(writer.Finish().Span));
            writer.Clear();
            foreach (var (node, json) in tree.Entries)
            {
                writer.AddRaw(node.Name.Span, json.Span);
            }

            Assert.Equal(blob.Id, BlobId.Of(writer.Finish().Span));
        }
    }

    [Fact]
    public async Task Nodes_of_every_type_and_with_odd_names_are_those_of_the_vector()
    {
        var nodes = (await ReadTreeAsync(DirectoryTree)).Nodes.ToList();
        var byName = nodes.ToDictionary(node => Convert.ToHexStringLower(node.Name.Span));
        Node Named(string name) => byName[Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name))];

        Assert.Equal(
            [
                "a\"b", "a<b>&c", "back\\slash", "bad\uFFFDutf", "cdev", "empty", "emptydir", "fifo", "hello.txt", "link", "linkodd",
                "nl\ntab\t", "sub", "u\u00e9\u2028z", "zeromode",
            ],
            nodes.Select(node => node.DisplayName));
        Assert.Contains("626164ff757466", byName.Keys);
        var device = Named("cdev");
        Assert.Equal((NodeType.CharacterDevice, 69206436u, 1UL, 259UL), (device.Type, device.Mode, device.Links, device.Device));
        Assert.Empty(Named("empty").Content!);
        Assert.Equal((2148532735u, Tree.Empty.Id), (Named("emptydir").Mode, Named("emptydir").Subtree!.Value));
        Assert.Equal((NodeType.Fifo, 33554852u, 0UL), (Named("fifo").Type, Named("fifo").Mode, Named("fifo").Links));
        Assert.Equal(("2024-07-02T03:04:05Z", 13UL), (Named("hello.txt").ModifyTime.ToString(), Named("hello.txt").Size));
        Assert.Equal((134218239u, "hello.txt"), (Named("link").Mode, Encoding.UTF8.GetString(Named("link").LinkTarget.Span)));
        Assert.Equal("x<\u2028>\u0001", Encoding.UTF8.GetString(Named("linkodd").LinkTarget.Span));
        Assert.Null(Named("linkodd").Content);
        Assert.Equal(2147484141u, Named("sub").Mode);
        Assert.Equal(0u, Named("zeromode").Mode);
    }

    [Fact]
    public void Empty_directory_has_the_id_of_the_vector() =>
        Assert.Equal("ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8", Tree.Empty.Id.ToString());

    [Fact]
    public async Task Every_file_is_named_by_its_content_and_read_through_a_cache_as_well()
    {
        using var directory = new TemporaryDirectory();
        var options = new VaultOptions { Cache = new(directory.Path) };
        using var vault = await TestVault.OpenAsync(_vault.Store, options, TinyRepository.Password);

        var files = await TestVault.ReadAllAsync(vault);

        Assert.Equal(await TestVault.ReadAllAsync(_vault), files);
        var hello = files.Single(file => file.Key.EndsWith("/hello.txt", StringComparison.Ordinal));
        Assert.Equal("hello restic\n", Encoding.UTF8.GetString(hello.Value));
    }

    private static string OneLine(string text) => text.ReplaceLineEndings("");

    private async Task<Tree> ReadTreeAsync(string id) =>
        await _vault.ReadTreeAsync(await _vault.LoadIndexAsync(CancellationToken.None), BlobId.Parse(id), CancellationToken.None);
}
