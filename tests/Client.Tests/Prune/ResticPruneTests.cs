using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Retention;
using Halley.Client.Tests.Backup;
using Halley.Client.Tests.Repository;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Prune;

/// <summary>restic and this client take turns at backing up, forgetting and pruning one vault.</summary>
public sealed class ResticPruneTests
{
    [Fact]
    public async Task Both_take_turns_and_every_snapshot_stays_restorable()
    {
        using var directory = new TemporaryDirectory();
        using var restic = new Restic(directory["repository"], TestVault.Password);
        var source = directory.CreateSubdirectory("source");
        var random = new Random(1);
        var expected = new Dictionary<BlobId, Dictionary<string, byte[]>>();
        using var vault = await TestVault.CreateAsync(
            new DiskBlobStore(directory["repository"]), RandomVault.Options with { PackSize = 100_000, Time = TimeProvider.System });
        for (var round = 0; round < 8; round++)
        {
            await ChangeAsync(source, random);
            var before = await IdsAsync(vault);
            if (round % 2 == 0)
            {
                await VaultBackupTests.BackUpAsync(vault, source);
            }
            else
            {
                await restic.RunAsync("backup", "--compression", round % 4 == 1 ? "off" : "auto", source);
            }

            var added = (await IdsAsync(vault)).Except(before).Single();
            expected[added] = Directory.EnumerateFiles(source).ToDictionary(path => path, File.ReadAllBytes);
            await ForgetAsync(vault, restic, random, expected, isOurs: round % 3 == 0);
            if (round % 4 < 2)
            {
                await RandomVault.PruneAsync(vault, new() { MaxUnused = new UnusedLimit(0, null), RepacksSmall = round == 4 });
                await restic.RunAsync("check", "--read-data");
            }
            else
            {
                await restic.RunAsync("prune", "--max-unused", "0", "--repack-small");
            }

            await RandomVault.AssertCleanAsync(vault);
            await RandomVault.AssertRestorableAsync(vault, expected);
        }
    }

    [Fact]
    public async Task Vault_of_format_1_is_pruned_without_compression()
    {
        using var directory = new TemporaryDirectory();
        using var restic = new Restic(directory["repository"], TestVault.Password);
        var source = directory.CreateSubdirectory("source");
        await restic.RunAsync("init", "--repository-version", "1");
        for (var i = 0; i < 2; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(source, "stays"), TestVault.Bytes(50_000, 1));
            await File.WriteAllBytesAsync(Path.Combine(source, "changes"), TestVault.Bytes(50_000, i));
            await restic.RunAsync("backup", source);
            await restic.RunAsync("forget", "--keep-last", "1");
        }

        using var vault = await TestVault.OpenAsync(new DiskBlobStore(directory["repository"]));
        var result = await RandomVault.PruneAsync(vault, new() { MaxUnused = new UnusedLimit(0, null), RepacksUncompressed = true });

        Assert.True(result.RepackedPacks.Count > 0 && result.UnusedBlobs.Count > 0);
        await restic.RunAsync("check", "--read-data");
        await RandomVault.AssertCleanAsync(vault);
        Assert.Equal(TestVault.Bytes(50_000, 1), (await TestVault.ReadAllAsync(vault))[Path.Combine(source, "stays")]);
    }

    private static async Task ForgetAsync(
        Vault vault, Restic restic, Random random, Dictionary<BlobId, Dictionary<string, byte[]>> expected, bool isOurs)
    {
        if (expected.Count < 3)
        {
            return;
        }

        var id = expected.Keys.ElementAt(random.Next(expected.Count));
        expected.Remove(id);
        if (isOurs)
        {
            await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
            await VaultRetention.ForgetAsync(vault, held, [id], CancellationToken.None);
        }
        else
        {
            await restic.RunAsync("forget", id.ToString());
        }
    }

    private static async Task<List<BlobId>> IdsAsync(Vault vault) =>
        [.. (await vault.Snapshots.ListAsync(CancellationToken.None)).Select(entry => entry.Id)];

    private static async Task ChangeAsync(string source, Random random)
    {
        for (var i = 0; i < 6; i++)
        {
            var content = new byte[random.Next(60_000)];
            random.NextBytes(content.AsSpan(0, random.Next(content.Length + 1)));
            await File.WriteAllBytesAsync(Path.Combine(source, $"f{random.Next(10)}"), content);
        }
    }
}
