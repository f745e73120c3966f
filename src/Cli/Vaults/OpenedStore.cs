using Halley.Client.Repository;
using Halley.Storage;
using Halley.Storage.Remote;

namespace Halley.Cli.Vaults;

/// <summary>The store of an address, and the connections that belong to it.</summary>
/// <param name="address">Where it is.</param>
/// <param name="bare">The store without retries.</param>
/// <param name="store">The store for the work.</param>
/// <param name="first">The store for the first question, which gives up sooner.</param>
/// <param name="http">The connections; null when there are none.</param>
internal sealed class OpenedStore(VaultAddress address, IBlobStore bare, IBlobStore store, IBlobStore first, HttpClient? http) : IDisposable
{
    public IBlobStore Store => store;

    /// <summary>True for a directory of this machine.</summary>
    public bool IsLocal => address.Server is null;

    /// <summary>Makes sure that there is a vault, before anybody types a password for it.</summary>
    public async Task RequireVaultAsync(CancellationToken cancellationToken)
    {
        if (await first.FindAsync(BlobName.Config, cancellationToken) is null)
        {
            throw new VaultException(
                VaultFault.NoVault, $"There is no vault at {address}. Check the address, or create one with `halley init`.");
        }
    }

    /// <summary>Makes the folders of a vault where a server needs that, and makes sure that there is none.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (await first.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            throw new VaultException(VaultFault.VaultExists, $"A vault already exists at {address}. Nothing was changed.");
        }

        if (bare is VaultBlobStore server)
        {
            await server.CreateAsync(cancellationToken);
        }
    }

    public void Dispose() => http?.Dispose();
}
