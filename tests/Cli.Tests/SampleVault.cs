using Halley.Client.Repository;
using Halley.Client.Repository.KeyFiles;
using Halley.Storage.Disk;

namespace Halley.Cli.Tests;

/// <summary>Vaults whose password costs no time, for tests that open them many times.</summary>
internal static class SampleVault
{
    public static async Task<Vault> CreateAsync(string directory, string password) => await Vault.CreateAsync(
        new DiskBlobStore(directory), password.AsMemory(), new ScryptParameters(16, 8, 1), null, CancellationToken.None);
}
