using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// Stores what a vault has lost once more, from the files of this machine, where they still have it. It removes nothing from snapshots:
/// what one machine cannot heal, another one may, and in the end a repair drops the rest.
/// </summary>
public static class VaultHealing
{
    /// <summary>Heals.</summary>
    /// <param name="vault">
    /// The vault. A local cache, which saves reading all directories, is allowed unless all data is read: it cannot hide that a pack is
    /// missing, only that one is damaged.
    /// </param>
    /// <param name="held">Its exclusive lock.</param>
    /// <param name="options">How far it goes.</param>
    /// <param name="cancellationToken">Cancels; what was stored until then is used by a next run.</param>
    /// <exception cref="VaultException">The store is full.</exception>
    /// <exception cref="BlobStoreException">The store fails; nothing is lost beyond what was.</exception>
    public static Task<HealingResult> RunAsync(Vault vault, VaultLock held, HealingOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(options);
        if (options.ReadsData)
        {
            RepairedIndex.RefuseCache(vault);
        }

        return held.RunAloneAsync(token => new HealingRun(vault, options).RunAsync(token), cancellationToken);
    }
}
