using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.KeyFiles;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Storage;

namespace Halley.Client.Tests.Repository;

/// <summary>Vaults for tests: with a password that costs no time, and with few lines for a backup.</summary>
internal static class TestVault
{
    public const string Password = "a password";

    public static readonly ScryptParameters Cheap = new(16, 8, 1);

    public static Task<Vault> CreateAsync(IBlobStore store, VaultOptions? options = null, string password = Password) =>
        Vault.CreateAsync(store, password.AsMemory(), Cheap, options, CancellationToken.None).AsTask();

    public static Task<Vault> OpenAsync(IBlobStore store, VaultOptions? options = null, string password = Password) =>
        Vault.OpenAsync(store, password.AsMemory(), options, CancellationToken.None).AsTask();

    /// <summary>Backs up one directory of files, as the smallest true backup does it; returns the snapshot's name.</summary>
    public static async Task<BlobId> BackUpAsync(Vault vault, params (string Name, byte[] Content)[] files)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        var tree = new TreeWriter();
        foreach (var (name, content) in files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            var id = BlobId.Of(content);
            await writer.SaveAsync(BlobKind.Data, id, content, encoder, CancellationToken.None);
            tree.Add(FileNode(name, content.Length, [id]));
        }

        var text = tree.Finish().ToArray();
        var root = BlobId.Of(text);
        await writer.SaveAsync(BlobKind.Tree, root, text, encoder, CancellationToken.None);
        await writer.FinishAsync(CancellationToken.None);
        var snapshot = new Snapshot { Time = VaultTime.Now(vault.Options.Time), Tree = root, Paths = ["/test"], HostName = "host" };
        return await vault.Snapshots.SaveAsync(snapshot, CancellationToken.None);
    }

    public static Node FileNode(string name, long size, IReadOnlyList<BlobId> content) => new()
    {
        Name = Encoding.UTF8.GetBytes(name),
        Type = NodeType.File,
        Mode = 0x1A4,
        ModifyTime = new VaultTime(1_700_000_000, 123_456_780, 0),
        AccessTime = new VaultTime(1_700_000_000, 123_456_780, 0),
        ChangeTime = new VaultTime(1_700_000_000, 0, 0),
        Size = (ulong)size,
        Links = 1,
        Content = content,
    };

    /// <summary>Reads everything that the snapshots need; throws for the first thing that is missing or damaged.</summary>
    public static async Task<Dictionary<string, byte[]>> ReadAllAsync(Vault vault)
    {
        var files = new Dictionary<string, byte[]>();
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        foreach (var entry in snapshots)
        {
            await ReadAsync(vault, index, entry.Snapshot.Tree, "", files);
        }

        return files;
    }

    /// <summary>Reads everything that one snapshot needs.</summary>
    public static async Task<Dictionary<string, byte[]>> ReadAsync(Vault vault, VaultIndex index, Snapshot snapshot)
    {
        var files = new Dictionary<string, byte[]>();
        await ReadAsync(vault, index, snapshot.Tree, "", files);
        return files;
    }

    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The names in a collection.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(IBlobStore store, BlobType type) =>
        [.. (await TestBlob.ListAsync(store, type)).Select(entry => entry.Id)];

    public static async Task<VaultFault> FaultOfAsync(Func<Task> action) => (await Assert.ThrowsAsync<VaultException>(action)).Fault;

    private static async Task ReadAsync(Vault vault, VaultIndex index, BlobId tree, string path, Dictionary<string, byte[]> files)
    {
        foreach (var node in (await vault.ReadTreeAsync(index, tree, CancellationToken.None)).Nodes)
        {
            var name = $"{path}/{node.DisplayName}";
            if (node.Subtree is { } subtree)
            {
                await ReadAsync(vault, index, subtree, name, files);
                continue;
            }

            using var content = new MemoryStream();
            foreach (var id in node.Content ?? [])
            {
                content.Write(await vault.ReadBlobAsync(index, BlobKind.Data, id, CancellationToken.None));
            }

            files[name] = content.ToArray();
        }
    }
}
