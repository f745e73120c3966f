using BCrypt.Net;
using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Profiles;
using Halley.Storage;

namespace Halley.Client.Accounts;

/// <summary>
/// What a machine does with the vaults of its account: request one from a provider, add one by hand, set one up, remove one. The keys are
/// made here and leave the machine sealed with the R-key only. Everything can be repeated after a crash at any step.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="api">Requests to its server.</param>
/// <param name="stores">Opens places.</param>
/// <param name="clientVersion">Version of the client.</param>
public sealed class DeviceVaults(DeviceAccount account, HalleyClient api, VaultStores stores, string clientVersion)
{
    // What a server uses itself, so that it need not compute another hash at the first use of the key.
    internal const int UsualWorkFactor = 10;

    /// <summary>What a hash of a bucket key costs; default: what it costs a server.</summary>
    internal int WorkFactor { get; init; } = UsualWorkFactor;

    /// <summary>The providers from which the user may request a vault.</summary>
    public async Task<IReadOnlyList<VaultTemplateInfo>> ListProvidersAsync(CancellationToken cancellationToken)
    {
        await account.EnsureSessionAsync(clientVersion, cancellationToken);
        var found = new List<VaultTemplateInfo>();
        string? after = null;
        do
        {
            var page = await api.ListUserVaultTemplatesAsync(cancellationToken, after);
            found.AddRange(page.TryGet(out var some, out var refusal) ? some.Items : throw DeviceAccount.Of(refusal));
            after = some.Next;
        }
        while (after is not null);
        return found;
    }

    /// <summary>
    /// Requests a vault and creates it. When the account has one of this name, that is finished instead, if it is not yet.
    /// </summary>
    /// <param name="provider">Name or id of the provider.</param>
    /// <param name="name">Name of the vault; null for that of the provider.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProfileVault> RequestAsync(
        string provider, string? name, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        using var key = EKey.CreateRandom();
        var draft = new DestinationConfig();
        key.SealInto(rKey.Span, draft, api.Time);
        var vault = await RequestAsync(provider, name, draft.EncryptedEncryptionKey, rKey, cancellationToken);
        return await CreateAsync(vault.Id, rKey, cancellationToken);
    }

    /// <summary>Requests storage for a vault whose E-key there is, without creating the vault.</summary>
    internal async Task<ProfileVault> RequestAsync(
        string provider, string? name, string sealedVaultKey, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var template = Find(await ListProvidersAsync(cancellationToken), provider);
        name ??= template.Description;
        var profile = (await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile;
        if (FindNamed(profile, name) is { } present)
        {
            return present.Config.DestinationType == DestinationTypes.Server ? present : throw NameTaken(name);
        }

        var psk = RandomKeys.BucketKey();
        var draft = new DestinationConfig();
        BucketPsk.SealInto(rKey.Span, draft, psk);
        var request = new RequestVault(
            template.Id, $"{account.Server}", Name: name, KeyHash: HashOf(psk, WorkFactor), SealedBucketKey: draft.CometBucketKey,
            SealedVaultKey: sealedVaultKey);
        try
        {
            if ((await api.RequestUserVaultAsync(request, cancellationToken)).Refusal is { } refusal)
            {
                throw DeviceAccount.Of(refusal);
            }
        }
        catch (HttpRequestException)
        {
            // The answer may have been lost after the vault was made.
            if (FindNamed((await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile, name) is null)
            {
                throw;
            }
        }

        return FindNamed((await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile, name)
            ?? throw new AccountException(AccountFault.NoVault, $"The vault '{name}' was made and removed again. Request it again.");
    }

    /// <summary>
    /// Adds a vault at a place that its user knows. A vault that is there already gets a further key, so the data stays; otherwise one is
    /// created.
    /// </summary>
    /// <param name="name">Its name in the account.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="askPassword">Asks for a password of a vault that is there already, and erases it later.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProfileVault> AddAsync(
        string name, VaultPlace place, Func<Task<ReadOnlyMemory<char>>> askPassword, ReadOnlyMemory<byte> rKey,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(askPassword);
        var profile = (await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile;
        if (FindNamed(profile, name) is { } present)
        {
            return place.IsOf(present.Config) ? await CreateAsync(present.Id, rKey, cancellationToken) : throw NameTaken(name);
        }

        RequireFree(profile, place);
        using var key = EKey.CreateRandom();
        var store = stores.Open(place);
        if (await store.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            // First the key file: a profile must not name a key that opens nothing.
            using var vault = await Vault.OpenAsync(store, await askPassword(), new VaultOptions { Time = api.Time }, cancellationToken);
            await vault.Keys.AddAsync(key.Password, EKey.Parameters, cancellationToken);
        }

        var id = Guid.NewGuid().ToString();
        await account.EditProfileAsync(
            edited => AddTo(edited, id, name, place, vault => key.SealInto(rKey.Span, vault, api.Time), rKey), clientVersion,
            cancellationToken);
        return await CreateAsync(id, rKey, cancellationToken);
    }

    /// <summary>
    /// Gives a vault its keys and creates it, each unless that is done. The server that made its bucket knew the bucket's key; from then on
    /// it can read neither.
    /// </summary>
    public async Task<ProfileVault> CreateAsync(string vaultId, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var vault = await SetUpAsync(vaultId, rKey, cancellationToken);
        var store = await PrepareAsync(vault, rKey, cancellationToken);
        if (store is not null)
        {
            using var key = vault.OpenKey(rKey.Span);
            using var created = await Vault.CreateAsync(
                store, key.Password, EKey.Parameters, new VaultOptions { Time = api.Time }, cancellationToken);
        }

        return vault;
    }

    /// <summary>Gives a vault its keys, unless it has them: a new E-key, and the key of the bucket sealed.</summary>
    /// <exception cref="VaultException">There is a vault already, which has another key.</exception>
    public async Task<ProfileVault> SetUpAsync(string vaultId, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var profile = (await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile;
        var vault = Require(profile, vaultId);
        if (vault.IsSetUp)
        {
            return vault;
        }

        if (await PrepareAsync(vault, rKey, cancellationToken) is null)
        {
            throw new VaultException(
                VaultFault.VaultExists,
                $"A vault already exists at {vault.Place}, whose key the account does not have. Nothing was changed.");
        }

        return Require(await account.SetUpVaultAsync(vaultId, rKey, clientVersion, cancellationToken), vaultId);
    }

    /// <summary>
    /// Removes a vault from the account, with the schedules that back up to it. Its files stay; nobody opens them without a password of the
    /// vault or the output of <c>halley key export</c>.
    /// </summary>
    public Task RemoveAsync(string vaultId, CancellationToken cancellationToken) => account.EditProfileAsync(
        profile =>
        {
            foreach (var rule in SchedulesOf(profile, vaultId).ToList())
            {
                profile.BackupRules.Remove(rule.Key);
            }

            foreach (var source in profile.Sources.Values)
            {
                source.OverrideDestinationRetention.Remove(vaultId);
            }

            return profile.Destinations.Remove(vaultId);
        },
        clientVersion, cancellationToken);

    /// <summary>The schedules of a profile that back up to a vault.</summary>
    public static IEnumerable<KeyValuePair<string, BackupRuleConfig>> SchedulesOf(UserProfileConfig profile, string vaultId)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.BackupRules.Where(rule => rule.Value.Destination == vaultId);
    }

    /// <summary>
    /// Follows a bucket that an administrator has moved to another server: the profile gets the new address. The keys stay.
    /// </summary>
    /// <param name="vaultId">The vault.</param>
    /// <param name="from">The address that said so.</param>
    /// <param name="to">The new address of its bucket.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task FollowAsync(string vaultId, Uri from, Uri to, CancellationToken cancellationToken) =>
        FollowAsync(account, clientVersion, vaultId, from, to, cancellationToken);

    internal static async Task FollowAsync(
        DeviceAccount account, string clientVersion, string vaultId, Uri from, Uri to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var bucket = to.Segments is [.., "vault/", var last] ? Uri.UnescapeDataString(last.TrimEnd('/')) : "";
        if (bucket.Length == 0 || to.Scheme is not ("http" or "https") || (from.Scheme == "https" && to.Scheme != "https"))
        {
            throw new AccountException(
                AccountFault.Refused,
                $"{from.Authority} says that the vault has moved to {to}, which is no address of a bucket over https.");
        }

        await account.EditProfileAsync(
            profile =>
            {
                var vault = Require(profile, vaultId);
                if (vault.Server != from)
                {
                    return false; // another device, or the server, has followed
                }

                vault.Config.CometServer = $"{to}"[..^(Routes.ToVault(bucket).Length - 1)];
                vault.Config.CometBucket = bucket;
                return true;
            },
            clientVersion, cancellationToken);
    }

    internal static string HashOf(string psk, int workFactor) =>
        BCrypt.Net.BCrypt.EnhancedHashPassword(psk, HashType.SHA512, workFactor);

    internal static ProfileVault Require(UserProfileConfig profile, string vaultId) =>
        profile.Destinations.TryGetValue(vaultId, out var config) ? new ProfileVault(vaultId, config)
        : throw new AccountException(AccountFault.NoVault, "The vault has just been removed from the account.");

    internal static ProfileVault? FindNamed(UserProfileConfig profile, string name) =>
        ProfileVault.Of(profile).FirstOrDefault(vault => vault.Config.Description.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal static AccountException NameTaken(string name) =>
        new(AccountFault.Refused, $"The account already has a vault '{name}'. Choose another name.");

    /// <summary>A place holds one vault, and an account lists it once.</summary>
    internal static void RequireFree(UserProfileConfig profile, VaultPlace place)
    {
        if (ProfileVault.Of(profile).FirstOrDefault(vault => place.IsOf(vault.Config)) is { } present)
        {
            throw new AccountException(
                AccountFault.Refused, $"The vault '{present.Config.Description}' of the account is at {place}. Choose another place.");
        }
    }

    internal bool AddTo(
        UserProfileConfig profile, string id, string name, VaultPlace place, Action<DestinationConfig> setKey, ReadOnlyMemory<byte> rKey)
    {
        if (profile.Destinations.ContainsKey(id))
        {
            return false;
        }

        var now = api.Time.GetUtcNow().ToUnixTimeSeconds();
        var retention = profile.Policy.DefaultStorageVaultRetention;
        var vault = new DestinationConfig
        {
            Description = name,
            CreateTime = now,
            ModifyTime = now,
            DefaultRetention = retention.Mode == 0 ? new RetentionPolicy { Mode = RetentionPolicy.KeepAll } : retention,
            AssociatedDevices = place.Directory is null ? [] : [account.DeviceId],
        };
        place.WriteTo(vault, rKey.Span);
        setKey(vault);
        profile.Destinations[id] = vault;
        return true;
    }

    /// <summary>The store of a place without a vault, with its folders; null when there is a vault.</summary>
    private async Task<IBlobStore?> PrepareAsync(ProfileVault vault, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var place = vault.OpenPlace(rKey.Span);
        var store = stores.Open(place);
        if (await store.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            return null;
        }

        await stores.PrepareAsync(place, cancellationToken);
        return store;
    }

    private static VaultTemplateInfo Find(IReadOnlyList<VaultTemplateInfo> templates, string provider)
    {
        var named = templates.Where(template => template.Description.Equals(provider, StringComparison.OrdinalIgnoreCase)).ToList();
        return templates.FirstOrDefault(template => template.Id == provider) ?? named switch
        {
            [var one] => one,
            [] => throw new AccountException(
                AccountFault.NoVault, $"There is no provider '{provider}'. Run `halley vault list-providers` to see the providers."),
            _ => throw new AccountException(
                AccountFault.NoVault,
                $"There are {named.Count} providers named '{provider}'. Give an id: {string.Join(", ", named.Select(one => one.Id))}."),
        };
    }
}
