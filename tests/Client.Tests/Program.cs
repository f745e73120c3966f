using System.Globalization;
using Halley.Client.Prune;
using Halley.Client.Retention;
using Halley.Client.Tests.Backup;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage.Disk;

namespace Halley.Client.Tests;

/// <summary>The tests as a program that works on a vault until it is killed: see <see cref="KilledProcessTests"/>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var directory, var source, var seed])
        {
            return 1;
        }

        var random = new Random(int.Parse(seed, CultureInfo.InvariantCulture));
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(directory), RandomVault.Options with { Connections = 5 });
        Console.WriteLine("working");
        while (true)
        {
            for (var i = 0; i < 5; i++)
            {
                var path = Path.Combine(source, $"f{random.Next(20)}");
                await File.WriteAllBytesAsync(path, TestVault.Bytes(random.Next(15_000), random.Next()));
            }

            await VaultBackupTests.BackUpAsync(vault, source);
            await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
            var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
            var plan = VaultRetention.Plan(snapshots, new() { Rules = [new KeepLast(4)] }, DateTimeOffset.UnixEpoch);
            await VaultRetention.ForgetAsync(vault, held, plan.Removed, CancellationToken.None);
            await VaultPrune.RunAsync(vault, held, new() { MaxUnused = new UnusedLimit(0, null) }, CancellationToken.None);
        }
    }
}
