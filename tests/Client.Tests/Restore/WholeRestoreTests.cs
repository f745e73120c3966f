using System.Globalization;
using Halley.Client.Repository;
using Halley.Client.Restore;
using Halley.Client.Restore.Archives;
using Halley.Client.Restore.Linux;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Restore;

/// <summary>What restic backed up is restored as it was.</summary>
public sealed class WholeRestoreTests : IDisposable
{
    private const string OddTree =
        """
        head -c 3000000 /dev/urandom > random; head -c 3000000 random > copy; : > empty; echo text > small
        touch "$(printf 'bad\377\200utf')" "$(printf 'ctrl\001\007\033x')" 'quote"back\slash' 'emoji😀' "$(printf 'nl\nx')" ' ' '*'
        echo text > hard; ln hard hard2; mkdir -p "deep/er/$(printf 'n\374')/x"; ln hard deep/er/hard3
        truncate -s 20M sparse; printf end | dd of=sparse bs=1 seek=9999999 conv=notrunc status=none
        ln -s nowhere dangling; ln -s ../../../.. out; mkfifo pipe; mkdir -m 1777 sticky
        mkdir closed; echo x > closed/file; chmod 4750 small; chmod 0 random; chmod 500 closed; mkdir emptydir
        for i in $(seq 300); do echo $i > deep/$i; done
        touch -h -d '1901-12-31 23:59:59.123456789 UTC' copy dangling
        touch -d '2150-06-01 12:00:00.5 UTC' sparse; touch -d '1969-12-31 23:59:59.999999999 UTC' deep/er emptydir
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Restic _restic;

    public WholeRestoreTests() => _restic = new Restic(_directory["repository"], TestVault.Password);

    private string Source => _directory["source"];

    private string Target => _directory["target"];

    public void Dispose()
    {
        // .NET cannot delete names that are no UTF-8.
        RestoreRun.ShellAsync("chmod -R u+rwx .; rm -rf *", _directory.Path).GetAwaiter().GetResult();
        _restic.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tree_of_all_kinds_of_file_is_restored_as_it_was(int version)
    {
        using var vault = await BackUpAsync(OddTree, version);
        var expected = await RestoreRun.DescribeAsync(Source);

        var result = await RestoreRun.LatestAsync(vault, Options with { ReadsBack = true });

        Assert.Empty(result.Warnings);
        Assert.Equal(expected, await RestoreRun.DescribeAsync(Target));
        Assert.True(result.BytesWritten > 6_000_000);
        await AssertSparseAsync();
    }

    [Fact]
    public async Task Tar_of_all_kinds_of_file_is_unpacked_as_it_was()
    {
        using var vault = await BackUpAsync(OddTree, version: 2);
        var expected = await RestoreRun.DescribeAsync(Source);
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var warnings = new List<RestoreWarning>();
        await using (var file = File.Create(_directory["tar"]))
        {
            var options = new ArchiveOptions { Source = Source, OnWarning = warnings.Add };
            await ArchiveRestore.RunAsync(vault, index, snapshots[^1].Snapshot, options, file, CancellationToken.None);
        }

        Directory.CreateDirectory(Target);
        await RestoreRun.ShellAsync("tar --numeric-owner -xpf ../tar", Target);

        Assert.Empty(warnings);
        Assert.Equal(expected, await RestoreRun.DescribeAsync(Target));
    }

    [Fact]
    public async Task Extended_attributes_are_restored()
    {
        var value = new byte[] { 0, 1, 0xff };
        Directory.CreateDirectory(Path.Combine(Source, "directory"));
        await File.WriteAllTextAsync(Path.Combine(Source, "file"), "text");
        using (var file = File.OpenHandle(Path.Combine(Source, "file"), FileMode.Open, FileAccess.ReadWrite))
        {
            Assert.Equal(0, LinuxCalls.SetAttribute(file, "user.halley", value, value.Length, 0));
        }

        using var vault = await BackUpAsync("chmod 400 file", version: 2);
        await RestoreRun.LatestAsync(vault, Options);
        await _restic.RunAsync("backup", Target);

        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var nodes = await SnapshotSource.FindAsync(vault, index, snapshots[^1].Snapshot, $"{Target}/file", CancellationToken.None);
        var attribute = Assert.Single(Assert.Single(nodes).ExtendedAttributes);
        Assert.Equal("user.halley", attribute.Name);
        Assert.Equal(value, attribute.Value.ToArray());
    }

    [Fact]
    public async Task Second_restore_writes_nothing_and_repairs_what_was_changed()
    {
        using var vault = await BackUpAsync(OddTree, version: 2);
        var expected = await RestoreRun.DescribeAsync(Source);
        await RestoreRun.LatestAsync(vault, Options);

        var second = await RestoreRun.LatestAsync(vault, Options);
        Assert.Equal((0, 0, 0), (second.Created, second.Updated, second.BytesWritten));

        await RestoreRun.ShellAsync(
            "printf X | dd of=copy bs=1 seek=1000000 conv=notrunc status=none; echo other > hard; rm -f empty deep/7; mkdir deep/7;"
            + " ln -sf elsewhere dangling; rm -rf emptydir; ln -s /tmp emptydir; truncate -s 15M sparse; chmod 777 deep; touch deep/er",
            Target);
        var third = await RestoreRun.LatestAsync(vault, Options);

        Assert.Empty(third.Warnings);
        Assert.Equal(expected, await RestoreRun.DescribeAsync(Target));
        Assert.True(third.BytesWritten < 15_000_000, $"{third.BytesWritten} bytes were written.");
    }

    [Fact]
    public async Task Restore_goes_on_after_the_nth_call_of_the_store_failed()
    {
        using (await BackUpAsync(OddTree, version: 2))
        {
        }

        var expected = await RestoreRun.DescribeAsync(Source);
        var store = new FaultyBlobStore(new DiskBlobStore(_directory["repository"]));
        using var vault = await TestVault.OpenAsync(store);
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        for (var n = 1; ; n++)
        {
            store.FailCall(n);
            try
            {
                await VaultRestore.RunAsync(vault, index, snapshots[^1].Snapshot, Options, CancellationToken.None);
                Assert.True(n > 3);
                break;
            }
            catch (BlobStoreException)
            {
                // The next run goes on.
            }
        }

        Assert.Equal(expected, await RestoreRun.DescribeAsync(Target));
    }

    [Fact]
    public async Task Dry_run_reports_what_a_restore_does_and_changes_nothing()
    {
        using var vault = await BackUpAsync(OddTree, version: 2);

        var dry = await RestoreRun.LatestAsync(vault, Options with { IsDryRun = true });
        Assert.False(Directory.Exists(Target));
        var real = await RestoreRun.LatestAsync(vault, Options);

        Assert.Equal((real.Created, real.BytesWritten), (dry.Created, dry.BytesWritten));
    }

    private async Task AssertSparseAsync()
    {
        var blocks = await RestoreRun.ShellAsync("stat -c %b sparse", Target);
        Assert.True(long.Parse(blocks, CultureInfo.InvariantCulture) < 2000, $"The sparse file takes {blocks} blocks.");
    }

    private RestoreOptions Options => new() { Target = Target, Source = Source };

    private async Task<Vault> BackUpAsync(string script, int version)
    {
        Directory.CreateDirectory(Source);
        await RestoreRun.ShellAsync(script, Source);
        await _restic.RunAsync("init", "--repository-version", $"{version}");
        await _restic.RunAsync("backup", Source);
        return await TestVault.OpenAsync(new DiskBlobStore(_directory["repository"]));
    }
}
