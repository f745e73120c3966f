using Halley.Client.Keys;
using Halley.Protocol;
using Halley.Protocol.Profiles;

namespace Halley.Client.Accounts;

/// <summary>A vault of a profile.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="Config">What the profile says about it.</param>
public sealed record ProfileVault(string Id, DestinationConfig Config)
{
    /// <summary>True when it has its key, so that it can be opened.</summary>
    public bool IsSetUp => Config.EncryptionKeyEncryptionMethod != 0;

    /// <summary>True when this program can open vaults of its kind.</summary>
    public bool IsSupported =>
        Config.DestinationType is DestinationTypes.Server or DestinationTypes.LocalPath or DestinationTypes.RestServer;

    /// <summary>Where it is, for people; names no secret.</summary>
    public string Place => Config.DestinationType switch
    {
        DestinationTypes.Server => $"{Server}",
        DestinationTypes.LocalPath => Config.LocalcopyPath,
        DestinationTypes.RestServer => Config.CometServer,
        var type => $"storage of type {type}",
    };

    /// <summary>The address of its bucket, for a vault on a server.</summary>
    public Uri Server => Config.DestinationType == DestinationTypes.RestServer
        ? new Uri(Config.CometServer)
        : new Uri(new Uri(Config.CometServer), Routes.ToVault(Config.CometBucket).TrimStart('/'));

    /// <summary>The vaults of a profile, by name.</summary>
    public static IReadOnlyList<ProfileVault> Of(UserProfileConfig profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return [.. profile.Destinations.Select(vault => new ProfileVault(vault.Key, vault.Value))
            .OrderBy(vault => vault.Config.Description, StringComparer.OrdinalIgnoreCase)
            .ThenBy(vault => vault.Id, StringComparer.Ordinal)];
    }

    /// <summary>The vault with this name or id.</summary>
    /// <exception cref="AccountException">There is none, there are several, or this program cannot open its kind.</exception>
    public static ProfileVault Find(UserProfileConfig profile, string name)
    {
        var all = Of(profile);
        IReadOnlyList<ProfileVault> found = all.FirstOrDefault(vault => vault.Id == name) is { } byId
            ? [byId]
            : [.. all.Where(vault => vault.Config.Description.Equals(name, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [] => throw new AccountException(
                AccountFault.NoVault, $"The account has no vault '{name}'. Run `halley vault list` to see its vaults."),
            [{ IsSupported: true } vault] => vault,
            [var other] => throw new AccountException(
                AccountFault.NoVault,
                $"The vault '{name}' is in {other.Place}, which cannot be opened yet. Use a bucket of a Halley server, a REST server or a "
                + "directory."),
            _ => throw new AccountException(
                AccountFault.NoVault,
                $"The account has {found.Count} vaults named '{name}'. Give an id: {string.Join(", ", found.Select(vault => vault.Id))}."),
        };
    }

    /// <summary>Where it is, with what opens that place.</summary>
    /// <exception cref="AccountException">The R-key does not open it.</exception>
    public VaultPlace OpenPlace(ReadOnlySpan<byte> rKey) => Config.DestinationType == DestinationTypes.LocalPath
        ? new VaultPlace(Config.LocalcopyPath, null, "", "")
        : new VaultPlace(null, Server, Config.CometBucket, OpenBucketKey(rKey));

    /// <summary>The key of its bucket; empty for a place that needs none.</summary>
    /// <exception cref="AccountException">The R-key does not open it.</exception>
    public string OpenBucketKey(ReadOnlySpan<byte> rKey) =>
        Config.DestinationType != DestinationTypes.Server && Config.CometBucketKey.Length == 0 ? ""
        : BucketPsk.TryOpen(rKey, Config, out var psk) ? psk
        : throw WrongKey();

    /// <summary>Its E-key, which the caller disposes of.</summary>
    /// <exception cref="AccountException">It is not set up, or the R-key does not open it.</exception>
    public EKey OpenKey(ReadOnlySpan<byte> rKey) =>
        !IsSetUp ? throw new AccountException(
            AccountFault.NoVault,
            $"The vault '{Config.Description}' is not set up. Run `halley -r \"vault:{Config.Description}\" init`.")
        : EKey.TryOpen(rKey, Config, out var key) ? key
        : throw WrongKey();

    private AccountException WrongKey() => new(
        AccountFault.WrongCredential,
        $"The keys of this machine do not open the vault '{Config.Description}': the password of the account was changed elsewhere, or is "
        + "wrong. Sign in with the present password: `halley login URL USER`.");
}
