using Halley.Storage;
using Halley.Storage.Remote;

namespace Halley.Client.Accounts;

/// <summary>Opens the files at places of vaults; calls that fail for a moment are repeated.</summary>
/// <param name="http">Connections to servers; the caller keeps ownership.</param>
/// <param name="time">The clock.</param>
/// <param name="retry">How long calls are repeated, and what reports it.</param>
public sealed class VaultStores(HttpClient http, TimeProvider time, RetryOptions retry)
{
    /// <summary>The connections.</summary>
    public HttpClient Http => http;

    /// <summary>The files at a place.</summary>
    public IBlobStore Open(VaultPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return new RetryingBlobStore(place.OpenStore(http, time), time, retry);
    }

    /// <summary>Makes the folders for a vault where a server needs that, as restic's own does.</summary>
    public Task PrepareAsync(VaultPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        return place.OpenStore(http, time) is VaultBlobStore server ? server.CreateAsync(cancellationToken) : Task.CompletedTask;
    }
}
