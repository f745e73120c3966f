using System.Text;
using System.Text.Json;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Repository;

/// <summary>The judge is restic itself: what one writes, the other reads.</summary>
public sealed class ResticAgreementTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _repository;

    public ResticAgreementTests() => _repository = _directory["repository"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Restic_reads_checks_and_restores_a_vault_that_this_client_wrote()
    {
        using var restic = new Restic(_repository, TestVault.Password);
        (string Name, byte[] Content)[] files = [("a file", TestVault.Bytes(100_000, 1)), ("zeros", new byte[300_000]), ("empty?", [1])];
        BlobId snapshot;
        using (var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository), new VaultOptions { PackSize = 50_000 }))
        {
            snapshot = await TestVault.BackUpAsync(vault, files);
            var packs = (await vault.LoadIndexAsync(CancellationToken.None)).Packs.Select(pack => pack.Id);
            await vault.PackIndexes.SaveAsync(new(snapshot, [.. packs]), CancellationToken.None);

            var config = JsonDocument.Parse((await restic.RunAsync("cat", "config")).StandardOutput).RootElement;
            Assert.Equal(vault.Config.Id.ToString(), config.GetProperty("id").GetString());
        }

        Assert.Contains(snapshot.ToString(), (await restic.RunAsync("snapshots", "--json")).StandardOutput, StringComparison.Ordinal);
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", _directory["restored"]);
        foreach (var (name, content) in files)
        {
            Assert.Equal(content, await File.ReadAllBytesAsync(_directory["restored", name]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Client_reads_what_restic_wrote_in_both_formats(int version)
    {
        var source = _directory.CreateSubdirectory("source");
        await File.WriteAllBytesAsync(_directory["source", "random"], TestVault.Bytes(3_000_000, 1));
        await File.WriteAllTextAsync(_directory["source", "näme \"<&>\u2028"], "text");
        await File.WriteAllTextAsync(_directory["source", "empty"], "");
        File.CreateSymbolicLink(_directory["source", "link"], "nowhere<>");
        using var restic = new Restic(_repository, TestVault.Password);
        await restic.RunAsync("init", "--repository-version", $"{version}");
        await restic.RunAsync("backup", source);

        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_repository));
        var files = await TestVault.ReadAllAsync(vault);

        Assert.Equal(version, vault.Config.Version);
        Assert.Equal(TestVault.Bytes(3_000_000, 1), files[$"{source}/random"]);
        Assert.Equal("text", Encoding.UTF8.GetString(files[$"{source}/näme \"<&>\u2028"]));
        Assert.Empty(files[$"{source}/empty"]);
        await AssertTreesAreWrittenAgainWithoutAChangeAsync(vault);

        await TestVault.BackUpAsync(vault, ("ours", [1, 2, 3]));
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("backup", source);
        Assert.Equal(3, (await vault.Snapshots.ListAsync(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Trees_of_odd_files_are_written_as_restic_writes_them()
    {
        var source = _directory.CreateSubdirectory("source");
        const string Script =
            """
            touch "$(printf 'bad\377\200utf')" "$(printf 'half\342\202')" "$(printf 'ctrl\001\007\033\177x')" 'quote"back\slash'
            touch "$(printf 'nbsp\302\240soft\302\255zwsp\342\200\213bom\357\273\277')" "$(printf 'nl\ntab\tcr\r')"
            touch 'emoji😀' 'combining é' '<&>'
            touch -d '1901-12-31 23:59:59.123456789 UTC' old
            touch -d '2150-06-01 12:00:00.5 UTC' new
            echo text > hard; ln hard hard2; mkfifo pipe; mkdir -m 1777 sticky; mkdir -p deep/er/and/deeper
            ln -s "$(printf 'to\342\200\250<\001>\010')" link
            chmod 0 new; chmod 6755 old
            """;
        using var restic = new Restic(_repository, TestVault.Password);
        await restic.RunAsync("init");
        (await ExternalProgram.RunAsync("/bin/bash", ["-c", Script], workingDirectory: source)).EnsureSuccess();
        var files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Count();
        var backup = await restic.TryAsync("backup", "--with-atime", source);
        await ExternalProgram.RunAsync("/bin/rm", ["-rf", source]); // .NET cannot delete names that are no UTF-8
        backup.EnsureSuccess();

        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_repository));

        Assert.Equal(files, (await TestVault.ReadAllAsync(vault)).Count);
        await AssertTreesAreWrittenAgainWithoutAChangeAsync(vault);
    }

    [Fact]
    public async Task Passwords_are_added_and_removed_by_either()
    {
        using var restic = new Restic(_repository, TestVault.Password);
        using (var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository)))
        {
            await restic.RunAsync("key", "add", "--new-password-file", _directory.File("password", "from restic"));
            using var opened = await TestVault.OpenAsync(new DiskBlobStore(_repository), password: "from restic");
            Assert.Equal(2, (await opened.Keys.ListAsync(CancellationToken.None)).Count);
            await restic.RunAsync("key", "list");
        }

        using (var vault = await TestVault.OpenAsync(new DiskBlobStore(_repository)))
        {
            await vault.Keys.ChangeAsync("changed".AsMemory(), TestVault.Cheap, CancellationToken.None);
        }

        using var changed = new Restic(_repository, "changed");
        await changed.RunAsync("cat", "config");
        Assert.NotEqual(0, (await restic.TryAsync("cat", "config")).ExitCode);
    }

    [Fact]
    public async Task Locks_of_each_hold_the_other_off()
    {
        using var restic = new Restic(_repository, TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository));
        await TestVault.BackUpAsync(vault, ("file", [1]));
        await using (var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock)
        {
            Assert.NotNull(held);
            var refused = await restic.TryAsync("snapshots");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("locked exclusively", refused.Output, StringComparison.Ordinal);
        }

        await using (var held = (await vault.LockAsync(isExclusive: false, CancellationToken.None)).Lock)
        {
            Assert.NotNull(held);
            await restic.RunAsync("snapshots");
            Assert.NotEqual(0, (await restic.TryAsync("prune")).ExitCode);
        }

        await restic.RunAsync("prune");
        Assert.Empty(await TestVault.NamesAsync(vault.Store, BlobType.Locks));
    }

    private static async Task AssertTreesAreWrittenAgainWithoutAChangeAsync(Vault vault)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var writer = new TreeWriter();
        foreach (var (blob, _) in index.Packs.SelectMany(pack => pack.Blobs).Where(entry => entry.Blob.Kind == BlobKind.Tree))
        {
            writer.Clear();
            foreach (var node in (await vault.ReadTreeAsync(index, blob.Id, CancellationToken.None)).Nodes)
            {
                writer.Add(node);
            }

            Assert.Equal(blob.Id, BlobId.Of(writer.Finish().Span));
        }
    }
}
