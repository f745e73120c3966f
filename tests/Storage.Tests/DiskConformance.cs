using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>What a store on disks promises on top: files and folders that somebody else puts there.</summary>
public abstract class DiskConformance : BlobStoreConformance
{
    protected TemporaryDirectory Disk { get; } = new();

    /// <summary>The folders in which the store keeps the vault.</summary>
    protected abstract IReadOnlyList<string> VaultFolders { get; }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Disk.Dispose();
    }

    [Fact]
    public async Task File_that_was_copied_in_by_hand_is_there_at_once()
    {
        var blob = TestBlob.Of(BlobType.Data, 5000, seed: 1);
        CopyIn(VaultFolders[^1], $"data/{blob.Name.Id[..2]}/{blob.Name.Id}", blob.Content);

        Assert.Equal(5000, await Store.FindAsync(blob.Name, CancellationToken.None));
        Assert.Equal(blob.Content, await blob.ReadAsync(Store));
        Assert.Equal([new BlobEntry(blob.Name.Id, 5000)], await TestBlob.ListAsync(Store, BlobType.Data));
        Assert.Equal(PutOutcome.AlreadyPresent, await blob.PutAsync(Store));
        Assert.Equal(5000, await Store.DeleteAsync(blob.Name, CancellationToken.None));
    }

    [Fact]
    public async Task File_with_a_foreign_name_is_not_listed()
    {
        var id = TestBlob.Of(BlobType.Data, 5, seed: 2).Name.Id;
        foreach (var folder in VaultFolders)
        {
            CopyIn(folder, $"data/{id[..2]}/.{id}.abcdef", [1]); // rsync's temporary name
            CopyIn(folder, $"data/{id[..2]}/{id.ToUpperInvariant()}X", [1]);
            CopyIn(folder, $"data/{id}", [1]);
            CopyIn(folder, $"data/{(id[0] == '0' ? "1" : "0")}0/{id}", [1]); // the wrong folder
            CopyIn(folder, $"locks/{id.ToUpperInvariant()}", [1]);
            CopyIn(folder, "locks/README", [1]);
            Directory.CreateDirectory(Path.Combine(folder, "locks", new string('a', 64)));
            CopyIn(folder, "config/inside", [1]);
        }

        Assert.Empty(await TestBlob.ListAsync(Store, BlobType.Data));
        Assert.Empty(await TestBlob.ListAsync(Store, BlobType.Locks));
        Assert.Null(await Store.FindAsync(BlobName.Of(BlobType.Data, id), CancellationToken.None));
        Assert.Null(await Store.FindAsync(BlobName.Of(BlobType.Locks, new string('a', 64)), CancellationToken.None));
        Assert.Null(await Store.FindAsync(BlobName.Config, CancellationToken.None));
    }

    [Fact]
    public async Task File_of_wrong_length_is_healed_by_the_next_upload()
    {
        var blob = TestBlob.Of(BlobType.Index, 5000, seed: 3);
        var torn = TestBlob.Of(BlobType.Snapshots, 5000, seed: 4);
        foreach (var folder in VaultFolders)
        {
            CopyIn(folder, $"index/{blob.Name.Id}", new byte[7000]);
            CopyIn(folder, $"snapshots/{torn.Name.Id}", torn.Content[..100]);
        }

        Assert.Equal(PutOutcome.Stored, await blob.PutAsync(Store));
        Assert.Equal(PutOutcome.Stored, await torn.PutAsync(Store));

        Assert.Equal(blob.Content, await blob.ReadAsync(Store));
        Assert.Equal(torn.Content, await torn.ReadAsync(Store));
        Assert.Equal(5000, await Store.FindAsync(blob.Name, CancellationToken.None));
    }

    [Fact]
    public async Task Name_that_cannot_be_looked_up_is_an_error_and_not_absent()
    {
        foreach (var folder in VaultFolders)
        {
            Directory.CreateDirectory(folder);
            File.CreateSymbolicLink(Path.Combine(folder, "index"), Path.Combine(folder, "index")); // every look below it fails with ELOOP
        }

        var blob = TestBlob.Of(BlobType.Index, 10, seed: 5);
        await Assert.ThrowsAsync<BlobStoreException>(async () => await Store.FindAsync(blob.Name, CancellationToken.None));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await Store.OpenAsync(blob.Name, CancellationToken.None));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await Store.DeleteAsync(blob.Name, CancellationToken.None));
        await Assert.ThrowsAsync<BlobStoreException>(() => TestBlob.ListAsync(Store, BlobType.Index));
        await Assert.ThrowsAsync<BlobStoreException>(() => blob.PutAsync(Store));
    }

    private static void CopyIn(string folder, string file, byte[] content)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}
