using Halley.Client.Accounts;
using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>A vault of the profile that was opened. Dispose closes it.</summary>
/// <param name="Vault">The vault.</param>
/// <param name="Store">Its store, which counts.</param>
/// <param name="Place">What the profile says about it.</param>
internal sealed record JobVault(Vault Vault, JobBlobStore Store, ProfileVault Place) : IDisposable
{
    /// <summary>Bytes of all its files.</summary>
    public async Task<long> MeasureAsync(CancellationToken cancellationToken)
    {
        var size = await Store.FindAsync(BlobName.Config, cancellationToken) ?? 0;
        foreach (var type in BlobName.Collections)
        {
            await foreach (var entry in Store.ListAsync(type, cancellationToken))
            {
                size += entry.Length;
            }
        }

        return size;
    }

    public void Dispose() => Vault.Dispose();
}
