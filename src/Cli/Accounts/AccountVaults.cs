using System.Security.Cryptography;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Client.Keys;
using Halley.Protocol.Client;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Accounts;

/// <summary>Vaults of the account: <c>-r vault:NAME</c>.</summary>
internal static class AccountVaults
{
    private const string Prefix = "vault:";

    /// <summary>The name in an address of that form; null for other addresses.</summary>
    public static string? NameIn(string address) =>
        address.StartsWith(Prefix, StringComparison.Ordinal) ? address[Prefix.Length..] : null;

    /// <summary>The vaults, by name.</summary>
    public static async Task<IReadOnlyList<ProfileVault>> ListAsync(VerbContext context, CancellationToken cancellationToken) =>
        ProfileVault.Of((await ReadAsync(context, cancellationToken)).Profile);

    /// <summary>Where a vault is, with its keys.</summary>
    public static async Task<VaultAddress> OpenAsync(VerbContext context, string name, CancellationToken cancellationToken)
    {
        var vault = ProfileVault.Find((await ReadAsync(context, cancellationToken)).Profile, name);
        using var keys = await KeysAsync(context, cancellationToken);
        return AddressOf(vault, keys, vault.OpenKey(keys.RKey));
    }

    /// <summary>Gives a vault its key, unless it has one.</summary>
    public static async Task SetUpAsync(VerbContext context, string name, CancellationToken cancellationToken)
    {
        var profile = await ReadAsync(context, cancellationToken);
        var vault = ProfileVault.Find(profile.Profile, name);
        using var keys = await KeysAsync(context, cancellationToken);
        if (vault.IsSetUp)
        {
            return;
        }

        using (var opened = VaultAccess.OpenStore(context, AddressOf(vault, keys, key: null)))
        {
            await opened.PrepareAsync(cancellationToken); // a vault that is there already has another key
        }

        var rKey = keys.RKey.ToArray();
        await AccountAccess.RunAsync(
            context, AccountAccess.State.RequireAccount().Server,
            async account =>
            {
                await account.EnsureSessionAsync(HalleyCommand.Version, cancellationToken);
                await account.SetUpVaultAsync(profile, vault.Id, rKey, context.Time, cancellationToken);
                return vault;
            });
        CryptographicOperations.ZeroMemory(rKey);
    }

    private static VaultAddress AddressOf(ProfileVault vault, DeviceKeys keys, EKey? key) =>
        vault.Config.DestinationType == DestinationTypes.LocalPath
            ? new VaultAddress(vault.Config.LocalcopyPath, null, "", "", key)
            : new VaultAddress(null, vault.Server, vault.Config.CometBucket, vault.OpenBucketKey(keys.RKey), key);

    private static Task<ProfileState> ReadAsync(VerbContext context, CancellationToken cancellationToken) => AccountAccess.RunAsync(
        context, AccountAccess.State.RequireAccount().Server,
        account => account.ReadProfileAsync(HalleyCommand.Version, cancellationToken));

    // After `login --ask` the password is asked for each time.
    private static async Task<DeviceKeys> KeysAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var account = AccountAccess.State.RequireAccount();
        if (AccountAccess.State.TryOpenKeys(account, out var kept))
        {
            return kept;
        }

        using var password = await Password.ReadAccountAsync(context, cancellationToken);
        using var keys = DeviceAccount.Derive(AccountKeys.CurrentKdf, account.Username, password.Characters.Span);
        return DeviceKeys.Of(keys);
    }
}
