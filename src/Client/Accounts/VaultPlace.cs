using Halley.Client.Keys;
using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Remote;

namespace Halley.Client.Accounts;

/// <summary>A place for a vault, with what opens the place. Its text names no secret.</summary>
/// <param name="Directory">A directory of this machine; null for a place on a server.</param>
/// <param name="Server">Address on a server, with a slash at its end; null for a directory.</param>
/// <param name="UserName">Name for the server: the bucket.</param>
/// <param name="Secret">Password for the server: a key of the bucket.</param>
public sealed record VaultPlace(string? Directory, Uri? Server, string UserName, string Secret)
{
    /// <summary>True for a bucket of a Halley server, or what looks like one.</summary>
    public bool IsBucket =>
        Server is not null && UserName.Length > 0 && Secret.Length > 0
        && Server.AbsolutePath.EndsWith(Routes.ToVault(UserName), StringComparison.Ordinal);

    /// <summary>Address of the Halley server that has the bucket, with a slash at its end; null for other places.</summary>
    public Uri? BucketServer => IsBucket ? new Uri($"{Server}"[..^(Routes.ToVault(UserName).Length - 1)]) : null;

    /// <summary>For people and logs.</summary>
    public override string ToString() => Directory ?? $"{Server}";

    /// <summary>The files there. A store on a server is not retried.</summary>
    /// <param name="http">Sends the requests; the caller keeps ownership.</param>
    /// <param name="time">The clock.</param>
    public IBlobStore OpenStore(HttpClient http, TimeProvider time) => Server is { } server
        ? new VaultBlobStore(http, server, UserName, Secret, time)
        : new DiskBlobStore(Directory!);

    /// <summary>Says in a profile that a vault is here; the key of the place is sealed.</summary>
    internal void WriteTo(DestinationConfig vault, ReadOnlySpan<byte> rKey)
    {
        (vault.LocalcopyPath, vault.CometServer, vault.CometBucket, vault.CometBucketKey) = (Directory ?? "", "", UserName, "");
        vault.DestinationType = Directory is not null ? DestinationTypes.LocalPath
            : IsBucket ? DestinationTypes.Server
            : DestinationTypes.RestServer;
        if (Server is not null)
        {
            vault.CometServer = $"{BucketServer ?? Server}";
        }

        if (Secret.Length > 0)
        {
            BucketPsk.SealInto(rKey, vault, Secret);
        }
    }

    /// <summary>True when a vault of a profile is here.</summary>
    internal bool IsOf(DestinationConfig vault) => Directory is not null
        ? vault.DestinationType == DestinationTypes.LocalPath
            && Path.TrimEndingDirectorySeparator(vault.LocalcopyPath) == Path.TrimEndingDirectorySeparator(Directory)
        : vault.DestinationType is DestinationTypes.Server or DestinationTypes.RestServer
            && new ProfileVault("", vault).Server == Server;
}
