using Halley.Client.Repository;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Repository;

/// <summary>A vault in a directory, as a person makes one on a disk.</summary>
public sealed class LocalPathTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Looking_for_a_vault_where_none_is_makes_nothing()
    {
        var store = new DiskBlobStore(_directory["typing", "error"]);

        Assert.Equal(VaultFault.NoVault, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(store)));
        Assert.Empty(await TestVault.NamesAsync(store, BlobType.Data));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task Vault_that_restic_made_is_read_without_a_trace()
    {
        var path = _directory["repository"];
        using var restic = new Restic(path, TestVault.Password);
        await restic.RunAsync("init");
        var source = _directory.File("source", "text");
        await restic.RunAsync("backup", source);
        var before = Entries(path);

        using (var vault = await TestVault.OpenAsync(new DiskBlobStore(path)))
        {
            var files = await TestVault.ReadAllAsync(vault);
            Assert.Equal("text"u8.ToArray(), files[source]);
        }

        Assert.Equal(before, Entries(path));
    }

    [Fact]
    public async Task Packs_stand_where_restic_has_them()
    {
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_directory.Path));
        var snapshot = await TestVault.BackUpAsync(vault, ("file", [1]));

        Assert.True(File.Exists(_directory["config"]));
        Assert.True(File.Exists(_directory["snapshots", snapshot.ToString()]));
        Assert.All(
            await TestVault.NamesAsync(vault.Store, BlobType.Data),
            id => Assert.True(File.Exists(_directory["data", id[..2], id])));
    }

    [Fact]
    public async Task What_a_killed_process_was_uploading_is_swept_a_day_later()
    {
        using (await TestVault.CreateAsync(new DiskBlobStore(_directory.Path)))
        {
        }

        var left = _directory[".incoming", "left"];
        var justNow = _directory[".incoming", "just now"];
        await File.WriteAllTextAsync(left, "half a pack");
        await File.WriteAllTextAsync(justNow, "another process is writing it");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_directory.Path));
        Assert.True(File.Exists(left));

        await TestVault.BackUpAsync(vault, ("file", [1]));

        Assert.False(File.Exists(left));
        Assert.True(File.Exists(justNow));
    }

    private static List<string> Entries(string path) =>
        [.. Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
