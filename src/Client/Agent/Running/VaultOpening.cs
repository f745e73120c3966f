using System.Security.Cryptography;
using Halley.Client.Accounts;
using Halley.Client.Checking;
using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Protocol.Profiles;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Remote;

namespace Halley.Client.Agent.Running;

/// <summary>How a vault is opened.</summary>
internal sealed record VaultUse
{
    /// <summary>Most bytes per second in each direction; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>False for work that looks at the vault itself, not at copies.</summary>
    public bool HasCache { get; init; } = true;

    /// <summary>A failed call is not retried for longer than this.</summary>
    public TimeSpan GiveUpAfter { get; init; } = new RetryOptions().GiveUpAfter;

    /// <summary>Receives notices for the log.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>Ends calls that outlive the job.</summary>
    public CancellationToken Late { get; init; }
}

/// <summary>Opens the vaults of the profile with the keys that this machine keeps.</summary>
internal sealed class VaultOpening(JobRunnerOptions options)
{
    // A pack takes memory until it is on the disk, and a disk does not become faster by more of them.
    private const int LocalConnections = 2;

    /// <summary>A vault of a profile.</summary>
    /// <exception cref="RunnerException">The profile does not have it, or this program cannot open its kind.</exception>
    public static ProfileVault Find(UserProfileConfig profile, string vaultId)
    {
        if (!profile.Destinations.TryGetValue(vaultId, out var config))
        {
            throw new RunnerException(RunnerException.UnknownVault, $"The profile has no vault {vaultId}.");
        }

        var vault = new ProfileVault(vaultId, config);
        return vault.IsSupported ? vault : throw new RunnerException(
            RunnerException.NotSupported,
            $"The vault '{config.Description}' is in {vault.Place}, which this client cannot open. Use a bucket of a Halley server or a "
            + "directory.");
    }

    /// <summary>Opens a vault.</summary>
    public async Task<JobVault> OpenAsync(ProfileVault place, VaultUse use, CancellationToken cancellationToken)
    {
        using var keys = OpenKeys();
        using var key = place.OpenKey(keys.RKey);
        var store = OpenStore(place.Config, BucketKeyOf(place, keys), use);
        try
        {
            return new(await Vault.OpenAsync(store, key.Password, OptionsOf(place, use), cancellationToken), store, place);
        }
        catch (VaultException error) when (error.Fault == VaultFault.NoVault)
        {
            throw new VaultException(
                VaultFault.NoVault,
                $"There is no vault in {place.Place} although the profile has its key. Is its disk mounted? If the vault is lost, make an "
                + $"empty one with `halley -r \"vault:{place.Config.Description}\" init`.",
                error);
        }
    }

    /// <summary>Opens a vault for a backup; one that nobody has used yet gets its key and is made.</summary>
    public async Task<JobVault> OpenForBackupAsync(ProfileVault place, VaultUse use, CancellationToken cancellationToken)
    {
        if (place.IsSetUp)
        {
            return await OpenAsync(place, use, cancellationToken);
        }

        using var keys = OpenKeys();
        await RefuseForeignVaultAsync(OpenStore(place.Config, BucketKeyOf(place, keys), use), place, cancellationToken);
        var ready = await SetUpAsync(place, keys, cancellationToken);
        using var key = ready.OpenKey(keys.RKey);
        var store = OpenStore(ready.Config, BucketKeyOf(ready, keys), use);
        var vault = await Vault.CreateAsync(store, key.Password, EKey.Parameters, OptionsOf(ready, use), cancellationToken);
        use.Notice($"The vault '{ready.Config.Description}' was set up with a new key and is empty.");
        return new(vault, store, ready);
    }

    /// <summary>Follows a bucket that has moved to another server: the profile gets the new address.</summary>
    public async Task<ProfileVault> FollowAsync(ProfileVault place, Uri address, CancellationToken cancellationToken)
    {
        await DeviceVaults.FollowAsync(options.Account, options.ClientVersion, place.Id, place.Server, address, cancellationToken);
        return Find((await options.Account.ReadProfileAsync(options.ClientVersion, cancellationToken)).Profile, place.Id);
    }

    /// <summary>The store of a place that need not be in the profile.</summary>
    /// <exception cref="RunnerException">This program cannot use its kind, or its settings are wrong.</exception>
    public JobBlobStore OpenStore(DestinationLocation location, string bucketKey, VaultUse use)
    {
        IBlobStore store = location.DestinationType switch
        {
            DestinationTypes.LocalPath when Path.IsPathRooted(location.LocalcopyPath) => new DiskBlobStore(location.LocalcopyPath),
            DestinationTypes.LocalPath => throw new RunnerException(
                RunnerException.InvalidArguments, $"'{location.LocalcopyPath}' is not an absolute path of this device."),
            DestinationTypes.Server or DestinationTypes.RestServer => new VaultBlobStore(
                options.Http, AddressOf(location), location.CometBucket, bucketKey, options.Time),
            var type => throw new RunnerException(
                RunnerException.NotSupported,
                $"This client cannot use storage of type {type}. Use a bucket of a Halley server or a directory."),
        };
        if (use.BytesPerSecond > 0)
        {
            store = new PacedBlobStore(store, options.Time, use.BytesPerSecond, use.BytesPerSecond);
        }

        var retries = new RetryOptions
        {
            GiveUpAfter = use.GiveUpAfter,
            OnRetry = (error, pause) => use.Notice($"{error.Message} Next attempt in {Math.Ceiling(pause.TotalSeconds):0} s."),
        };
        return new JobBlobStore(new RetryingBlobStore(store, options.Time, retries), use.Late);
    }

    /// <summary>Has the packs of a vault read by its server; null for a vault that is not on one.</summary>
    public ServerCheck? CheckOnServerOf(ProfileVault place)
    {
        using var keys = OpenKeys();
        return ServerCheck.Of(place.OpenPlace(keys.RKey), options.Http, options.Time);
    }

    /// <summary>The keys of the account, which the caller disposes of.</summary>
    /// <exception cref="RunnerException">This machine keeps none.</exception>
    public DeviceKeys OpenKeys() => options.State.TryOpenKeys(options.State.RequireAccount(), out var keys)
        ? keys
        : throw new RunnerException(
            RunnerException.VaultUnavailable,
            "This device keeps no keys of the account, so it cannot open vaults by itself. Sign in again without --ask.");

    private static Uri AddressOf(DestinationLocation location) =>
        Uri.TryCreate(location.CometServer, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? new ProfileVault("", Copy(location)).Server
            : throw new RunnerException(RunnerException.InvalidArguments, $"'{location.CometServer}' is not the address of a server.");

    private static DestinationConfig Copy(DestinationLocation location) => new()
    {
        DestinationType = location.DestinationType,
        CometServer = location.CometServer,
        CometBucket = location.CometBucket,
    };

    private static string BucketKeyOf(ProfileVault place, DeviceKeys keys) => place.OpenBucketKey(keys.RKey);

    private static async Task RefuseForeignVaultAsync(JobBlobStore store, ProfileVault place, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            throw new VaultException(
                VaultFault.VaultExists,
                $"There is a vault in {place.Place} already, whose key the profile does not have. Use an empty bucket or directory.");
        }
    }

    private async Task<ProfileVault> SetUpAsync(ProfileVault place, DeviceKeys keys, CancellationToken cancellationToken)
    {
        var rKey = keys.RKey.ToArray();
        try
        {
            return Find(await options.Account.SetUpVaultAsync(place.Id, rKey, options.ClientVersion, cancellationToken), place.Id);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rKey);
        }
    }

    private VaultOptions OptionsOf(ProfileVault place, VaultUse use) => new()
    {
        Connections = place.Config.DestinationType == DestinationTypes.LocalPath ? LocalConnections : new VaultOptions().Connections,
        Time = options.Time,
        Cache = use.HasCache ? new(options.CacheDirectory) : null,
        Notice = use.Notice,
    };
}
