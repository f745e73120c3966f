using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Protocol.Client;
using Halley.Protocol.Profiles;

namespace Halley.Client.Accounts;

/// <summary>Where a vault is to be moved or cloned to: a provider's new storage, or a place that the user knows.</summary>
/// <param name="Provider">Name or id of the provider; null with a place.</param>
/// <param name="Place">The place; null with a provider.</param>
public sealed record VaultTarget(string? Provider, VaultPlace? Place);

/// <summary>
/// Copies a vault of the account to another place, to move it there or to split it: files as they are, so the keys stay. The profile is
/// changed last. Until then the vault at the old place is the one that counts, and a copy that was interrupted goes on.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="vaults">Its vaults.</param>
/// <param name="api">Requests to its server.</param>
/// <param name="stores">Opens places.</param>
/// <param name="clientVersion">Version of the client.</param>
public sealed class VaultMove(DeviceAccount account, DeviceVaults vaults, HalleyClient api, VaultStores stores, string clientVersion)
{
    /// <summary>Suffix of the name of a vault whose storage waits for the files of one that moves.</summary>
    private const string Waiting = " (moving)";

    /// <summary>
    /// Clones a vault. Both have the same keys and the same snapshots, and are independent from then on; so this is no protection against
    /// somebody who has the keys.
    /// </summary>
    /// <param name="vaultId">The vault.</param>
    /// <param name="newName">Name of the clone.</param>
    /// <param name="target">Where the clone is to be.</param>
    /// <param name="work">How.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProfileVault> SplitAsync(
        string vaultId, string newName, VaultTarget target, VaultMoveWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(work);
        var (profile, source) = await ReadAsync(vaultId, cancellationToken);
        var present = DeviceVaults.FindNamed(profile, newName);
        if (target.Place is { } given)
        {
            if (present is not null)
            {
                return given.IsOf(present.Config) ? present : throw DeviceVaults.NameTaken(newName);
            }

            DeviceVaults.RequireFree(profile, given);
        }

        var clone = target.Place is null ? await RequestAsync(source, target.Provider!, newName, present, work, cancellationToken) : null;
        var place = target.Place ?? clone!.OpenPlace(work.RKey.Span);
        var id = clone?.Id ?? Guid.NewGuid().ToString();
        await CopyAsync(
            source, place, work,
            token => account.EditProfileAsync(
                edited =>
                {
                    var original = DeviceVaults.Require(edited, vaultId).Config;
                    var isAdded = vaults.AddTo(edited, id, newName, place, vault => CopyKey(original, vault), work.RKey);
                    return isAdded || CopyKey(original, edited.Destinations[id]);
                },
                clientVersion, token),
            cancellationToken);
        return (await ReadAsync(id, cancellationToken)).Vault;
    }

    /// <summary>
    /// Moves a vault: the same vault of the account, with its schedules, at another place. The files at the old place stay.
    /// </summary>
    /// <param name="vaultId">The vault.</param>
    /// <param name="target">The new place.</param>
    /// <param name="work">How.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProfileVault> MoveAsync(
        string vaultId, VaultTarget target, VaultMoveWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(work);
        var (profile, source) = await ReadAsync(vaultId, cancellationToken);
        if (target.Place is { } given)
        {
            if (given.IsOf(source.Config))
            {
                return source;
            }

            DeviceVaults.RequireFree(profile, given);
        }

        var name = source.Config.Description + Waiting;
        var storage = target.Place is null
            ? await RequestAsync(source, target.Provider!, name, DeviceVaults.FindNamed(profile, name), work, cancellationToken)
            : null;
        var place = target.Place ?? storage!.OpenPlace(work.RKey.Span);
        await CopyAsync(
            source, place, work,
            token => account.EditProfileAsync(
                edited =>
                {
                    var vault = DeviceVaults.Require(edited, vaultId).Config;
                    if (place.IsOf(vault))
                    {
                        return false;
                    }

                    vault.AssociatedDevices = place.Directory is not null ? [account.DeviceId]
                        : vault.DestinationType == DestinationTypes.LocalPath ? []
                        : vault.AssociatedDevices;
                    place.WriteTo(vault, work.RKey.Span);
                    vault.ModifyTime = api.Time.GetUtcNow().ToUnixTimeSeconds();
                    if (storage is not null)
                    {
                        edited.Destinations.Remove(storage.Id);
                    }

                    return true;
                },
                clientVersion, token),
            cancellationToken);
        return (await ReadAsync(vaultId, cancellationToken)).Vault;
    }

    // The three fields by which the clone opens.
    private static bool CopyKey(DestinationConfig from, DestinationConfig to)
    {
        var isSame = to.EncryptedEncryptionKey == from.EncryptedEncryptionKey && to.RepoInitTimestamp == from.RepoInitTimestamp
            && to.EncryptionKeyEncryptionMethod == from.EncryptionKeyEncryptionMethod;
        (to.EncryptionKeyEncryptionMethod, to.EncryptedEncryptionKey, to.RepoInitTimestamp) =
            (from.EncryptionKeyEncryptionMethod, from.EncryptedEncryptionKey, from.RepoInitTimestamp);
        return !isSame;
    }

    // Storage that an interrupted run has requested is recognised by its name and its key.
    private async Task<ProfileVault> RequestAsync(
        ProfileVault source, string provider, string name, ProfileVault? present, VaultMoveWork work, CancellationToken cancellationToken)
    {
        using var key = source.OpenKey(work.RKey.Span);
        var storage = present ?? await vaults.RequestAsync(
            provider, name, source.Config.EncryptedEncryptionKey, work.RKey, cancellationToken);
        if (!storage.IsSetUp)
        {
            throw new AccountException(
                AccountFault.Refused, $"The provider '{provider}' makes keys of its own. Request a vault there, and use `halley copy`.");
        }

        using var other = storage.OpenKey(work.RKey.Span);
        return other.Password.Span.SequenceEqual(key.Password.Span) ? storage : throw DeviceVaults.NameTaken(name);
    }

    private async Task CopyAsync(
        ProfileVault source, VaultPlace place, VaultMoveWork work, Func<CancellationToken, Task> switchAsync,
        CancellationToken cancellationToken)
    {
        var (from, to) = (stores.Open(source.OpenPlace(work.RKey.Span)), stores.Open(place));
        using var key = source.OpenKey(work.RKey.Span);
        using var vault = await Vault.OpenAsync(from, key.Password, work.Options, cancellationToken);
        await stores.PrepareAsync(place, cancellationToken);
        await VaultFileCopy.RequireSameAsync(from, to, cancellationToken);

        // Most of it while others back up; what they add meanwhile follows while they wait.
        await VaultFileCopy.CopyAsync(from, to, work.Progress, cancellationToken);
        await using var held = await work.LockAsync(vault, cancellationToken);
        await held.RunAsync(
            async token =>
            {
                await VaultFileCopy.FinishAsync(from, to, token);
                using var copy = await Vault.OpenAsync(to, key.Password, work.Options, token);
                await copy.LoadIndexAsync(token);
                await switchAsync(token);
                return true;
            },
            cancellationToken);
    }

    private async Task<(UserProfileConfig Profile, ProfileVault Vault)> ReadAsync(string vaultId, CancellationToken cancellationToken)
    {
        var profile = (await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile;
        return (profile, DeviceVaults.Require(profile, vaultId));
    }
}

/// <summary>How the files of a vault are copied.</summary>
public sealed class VaultMoveWork
{
    /// <summary>The account's R-key.</summary>
    public required ReadOnlyMemory<byte> RKey { get; init; }

    /// <summary>Takes the exclusive lock, and waits for others as the caller wants.</summary>
    public required Func<Vault, CancellationToken, Task<VaultLock>> LockAsync { get; init; }

    /// <summary>How the vault is worked with.</summary>
    public required VaultOptions Options { get; init; }

    /// <summary>Hears of files that were copied; null for nobody.</summary>
    public IProgress<VaultFilesCopied>? Progress { get; init; }
}
