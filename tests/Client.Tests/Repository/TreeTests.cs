using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Storage;

namespace Halley.Client.Tests.Repository;

public class TreeTests
{
    private static readonly BlobName AnySnapshot = BlobName.Of(BlobType.Snapshots, new string('f', 64));

    [Fact]
    public void Nodes_of_all_types_with_all_members_are_read_as_they_were_written()
    {
        var time = new VaultTime(-2_000_000_000, 1, -210);
        var common = new Node
        {
            Name = default,
            Type = NodeType.File,
            Mode = 0x1FF,
            ModifyTime = time,
            AccessTime = new VaultTime(5_000_000_000, 999_999_999, 840),
            ChangeTime = time,
            UserId = uint.MaxValue,
            GroupId = 7,
            User = "üser \u2028 <&> \"\\ \u0001",
            Group = "group",
            Inode = ulong.MaxValue,
            DeviceId = 1,
        };
        var content = Enumerable.Range(0, 1000).Select(i => BlobId.Of([(byte)i, (byte)(i >> 8)])).ToList();
        List<Node> nodes =
        [
            common with { Name = "a"u8.ToArray(), Content = content, Size = ulong.MaxValue, Links = 3 },
            common with { Name = "b"u8.ToArray(), Type = NodeType.Directory, Mode = NodeMode.Directory, Subtree = Tree.Empty.Id },
            common with
            {
                Name = "c"u8.ToArray(),
                Type = NodeType.Symlink,
                LinkTarget = new byte[] { 0x2f, 0xff, 0x00, 0x0a, 0xc3, 0xa9 },
                Links = 1,
            },
            common with { Name = "d"u8.ToArray(), Type = NodeType.BlockDevice, Device = 2049 },
            common with
            {
                Name = "e"u8.ToArray(),
                Type = NodeType.Fifo,
                GenericAttributes = """{"windows.file_attributes":32}"""u8.ToArray(),
            },
            common with
            {
                Name = "f"u8.ToArray(),
                Content = [],
                ExtendedAttributes = [new NodeXattr("user.k", new byte[] { 0, 255 }), new NodeXattr("user.empty", default)],
                UnknownMembers = ["\"new\":{\"x\":[1,2]}"u8.ToArray(), "\"other\":true"u8.ToArray()],
                Error = "could not be read",
            },
            common with { Name = new byte[] { 0xff, 0xfe, 0x22 }, Type = NodeType.Socket },
        ];
        var writer = new TreeWriter();
        nodes.ForEach(writer.Add);
        var text = writer.Finish().ToArray();

        var read = new Tree(BlobId.Of(text), text).Nodes.ToList();

        Assert.Equal(nodes.Count, read.Count);
        for (var i = 0; i < nodes.Count; i++)
        {
            Assert.Equivalent(Comparable(nodes[i]), Comparable(read[i]), strict: true);
        }

        writer.Clear();
        read.ForEach(writer.Add);
        Assert.Equal(text, writer.Finish().ToArray());
    }

    [Fact]
    public void Link_target_that_is_not_UTF_8_has_its_bytes_beside_the_lossy_text()
    {
        var writer = new TreeWriter();
        writer.Add(new Node { Name = "l"u8.ToArray(), Type = NodeType.Symlink, LinkTarget = new byte[] { 0x61, 0xff } });

        Assert.Contains(
            """
            "linktarget":"a\ufffd","linktarget_raw":"Yf8=","content":null}
            """.Trim(),
            Encoding.UTF8.GetString(writer.Finish().Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("b", "a")]
    [InlineData("é", "z")]
    [InlineData("a", "")]
    public void Nodes_in_the_wrong_order_are_a_mistake_of_the_program(string first, string second)
    {
        var writer = new TreeWriter();
        writer.Add(TestVault.FileNode(first, 0, []));

        Assert.Throws<ArgumentException>(() => writer.Add(TestVault.FileNode(second, 0, [])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"nodes\":[{}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"\",\"type\":\"file\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\\\q\",\"type\":\"file\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"\\ud800\",\"type\":\"file\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"type\":\"file\"},{\"name\":\"a\",\"type\":\"file\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"type\":\"file\",\"size\":-1}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"type\":\"file\",\"content\":[\"abc\"]}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"type\":\"file\",\"mtime\":\"yesterday\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"type\":\"file\"")]
    [InlineData("{\"nodes\":[]}x")]
    [InlineData("{\"nodes\":[],")]
    public void Text_that_is_no_tree_is_damage_that_names_the_tree(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var tree = new Tree(BlobId.Of(bytes), bytes);

        var error = Assert.Throws<VaultException>(() => tree.Nodes.Count());

        Assert.Equal((VaultFault.Damaged, tree.Id), (error.Fault, error.Blob!.Value));
    }

    [Fact]
    public void Trees_of_other_writers_are_read_liberally()
    {
        var bytes = Encoding.UTF8.GetBytes(
            """
             { "x": [1, {"nodes": []}], "nodes" : [
             {"type":"dir","name":"old","size":4096,"content":null,"subtree":null,"mtime":"0001-01-01T00:00:00Z"},
             {"name":"x","type":"file","extended_attributes":[{"name":"user.e","value":null}],"content":null,"uid":0},
             {"name":"y","type":"door"} ], "y": {} }
            """);

        var nodes = new Tree(BlobId.Of(bytes), bytes).Nodes.ToList();

        Assert.Equal(["old", "x", "y"], nodes.Select(node => node.DisplayName));
        Assert.Equal((NodeType.Directory, 4096UL, null), (nodes[0].Type, nodes[0].Size, nodes[0].Subtree));
        Assert.True(Assert.Single(nodes[1].ExtendedAttributes).Value.IsEmpty);
        Assert.Null(nodes[1].Content);
        Assert.Equal(NodeType.Irregular, nodes[2].Type);
        Assert.Empty(new Tree(default, "{\"nodes\":null}"u8.ToArray()).Nodes);
    }

    [Theory]
    [InlineData("ordinary.txt", true)]
    [InlineData("...", true)]
    [InlineData(".hidden", true)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("../up", false)]
    [InlineData("/root", false)]
    [InlineData("a\0b", false)]
    public void Name_that_leads_out_of_its_directory_is_not_safe(string name, bool isSafe) =>
        Assert.Equal(isSafe, TestVault.FileNode(name, 0, []).HasSafeName);

    [Fact]
    public void Snapshot_keeps_what_other_programs_added()
    {
        const string Id = "ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8";
        var text =
            """
            {"time":"2026-01-01T00:00:00+01:00","parent":"ID","tree":"ID","paths":["/a<b>"],"hostname":"h","username":"u","uid":1000,
            "gid":100,"tags":["x"],"original":"ID","program_version":"restic 0.18.0","summary":{"backup_start":"2026-01-01T00:00:00Z",
            "backup_end":"2026-01-01T00:00:01.5Z","files_new":1,"files_changed":2,"files_unmodified":3,"dirs_new":4,"dirs_changed":5,
            "dirs_unmodified":6,"data_blobs":7,"tree_blobs":8,"data_added":9,"data_added_packed":10,"total_files_processed":11,
            "total_bytes_processed":12,"total_dirs_processed":13},"label":"mine","delete":{"after":"never"}}
            """
            .ReplaceLineEndings("")
            .Replace("<b>", "\\u003cb\\u003e", StringComparison.Ordinal)
            .Replace("ID", Id, StringComparison.Ordinal);

        var snapshot = SnapshotJson.Parse(AnySnapshot, Encoding.UTF8.GetBytes(text));

        Assert.Equal(text, Encoding.UTF8.GetString(SnapshotJson.Write(snapshot).Span));
        Assert.Equal(("/a<b>", 12UL), (snapshot.Paths[0], snapshot.Summary!.TotalBytesProcessed));
        var tagged = SnapshotJson.Parse(AnySnapshot, SnapshotJson.Write(snapshot with { Tags = ["y", "z"] }).Span);
        Assert.Equal(2, tagged.UnknownMembers.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"time\":\"2026-01-01T00:00:00Z\"}")]
    [InlineData("{\"time\":\"2026-01-01T00:00:00Z\",\"tree\":\"short\"}")]
    [InlineData("[]")]
    public void Text_that_is_no_snapshot_is_damage(string text) => Assert.Equal(
        VaultFault.Damaged, Assert.Throws<VaultException>(() => SnapshotJson.Parse(AnySnapshot, Encoding.UTF8.GetBytes(text))).Fault);

    // Memory is compared by reference otherwise.
    private static object Comparable(Node node) => new
    {
        Name = node.Name.ToArray(),
        node.Type,
        node.Mode,
        node.ModifyTime,
        node.AccessTime,
        node.ChangeTime,
        node.UserId,
        node.GroupId,
        node.User,
        node.Group,
        node.Inode,
        node.DeviceId,
        node.Size,
        node.Links,
        LinkTarget = node.LinkTarget.ToArray(),
        Attributes = node.ExtendedAttributes.Select(attribute => (attribute.Name, Convert.ToHexString(attribute.Value.Span))).ToList(),
        Generic = Encoding.UTF8.GetString(node.GenericAttributes.Span),
        node.Device,
        Content = node.Content?.Select(id => id.ToString()).ToList(),
        Subtree = node.Subtree?.ToString(),
        node.Error,
        Unknown = node.UnknownMembers.Select(member => Encoding.UTF8.GetString(member.Span)).ToList(),
    };
}
