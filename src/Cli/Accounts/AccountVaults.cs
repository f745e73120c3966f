using System.Security.Cryptography;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Client.Keys;
using Halley.Protocol.Client;

namespace Halley.Cli.Accounts;

/// <summary>Vaults of the account: <c>-r vault:NAME</c>.</summary>
internal static class AccountVaults
{
    private const string Prefix = "vault:";

    /// <summary>The name in an address of that form; null for other addresses.</summary>
    public static string? NameIn(string address) =>
        address.StartsWith(Prefix, StringComparison.Ordinal) ? address[Prefix.Length..] : null;

    /// <summary>Runs with the account and its vaults.</summary>
    public static async Task<T> RunAsync<T>(VerbContext context, Func<AccountWork, Task<T>> run)
    {
        using var http = VaultAccess.NewHttp();
        var api = new HalleyClient(http, AccountAccess.State.RequireAccount().Server, context.Time);
        var account = new DeviceAccount(AccountAccess.State, api);
        var stores = new VaultStores(http, context.Time, VaultAccess.RetryOptionsOf(context));
        return await run(new AccountWork(context, account, api, stores));
    }

    /// <summary>The vaults, by name.</summary>
    public static Task<IReadOnlyList<ProfileVault>> ListAsync(VerbContext context, CancellationToken cancellationToken) => RunAsync(
        context,
        async work => ProfileVault.Of((await work.Account.ReadProfileAsync(HalleyCommand.Version, cancellationToken)).Profile));

    /// <summary>Where a vault is, with its keys.</summary>
    public static Task<VaultAddress> OpenAsync(VerbContext context, string name, CancellationToken cancellationToken) => RunAsync(
        context,
        async work =>
        {
            var vault = await work.FindAsync(name, cancellationToken);
            using var keys = await work.KeysAsync(cancellationToken);
            return VaultAddress.Of(vault.OpenPlace(keys.RKey), vault.OpenKey(keys.RKey));
        });

    /// <summary>Gives a vault its key, unless it has one.</summary>
    public static Task SetUpAsync(VerbContext context, string name, CancellationToken cancellationToken) => RunAsync(
        context,
        async work =>
        {
            var vault = await work.FindAsync(name, cancellationToken);
            return await work.WithRKeyAsync(rKey => work.Vaults.SetUpAsync(vault.Id, rKey, cancellationToken), cancellationToken);
        });

    /// <summary>Follows a bucket that has moved.</summary>
    public static Task FollowAsync(VerbContext context, string name, Uri to, CancellationToken cancellationToken) => RunAsync(
        context,
        async work =>
        {
            var vault = await work.FindAsync(name, cancellationToken);
            await work.Vaults.FollowAsync(vault.Id, vault.Server, to, cancellationToken);
            return vault;
        });
}

/// <summary>The account of this machine, and work on its vaults.</summary>
internal sealed class AccountWork(VerbContext context, DeviceAccount account, HalleyClient api, VaultStores stores)
{
    public DeviceAccount Account => account;

    public DeviceVaults Vaults { get; } = new(account, api, stores, HalleyCommand.Version);

    public VaultKeyChange KeyChange { get; } = new(account, api, stores, HalleyCommand.Version);

    public VaultMove Move => new(account, Vaults, api, stores, HalleyCommand.Version);

    /// <summary>The vault with this name or id.</summary>
    public async Task<ProfileVault> FindAsync(string name, CancellationToken cancellationToken) =>
        ProfileVault.Find((await account.ReadProfileAsync(HalleyCommand.Version, cancellationToken)).Profile, name);

    /// <summary>The keys of the account. After <c>login --ask</c> the password is asked for each time.</summary>
    public async Task<DeviceKeys> KeysAsync(CancellationToken cancellationToken)
    {
        var signedIn = AccountAccess.State.RequireAccount();
        if (AccountAccess.State.TryOpenKeys(signedIn, out var kept))
        {
            return kept;
        }

        using var password = await Password.ReadAccountAsync(context, cancellationToken);
        using var keys = await account.DeriveAsync(signedIn.Username, password.Characters, cancellationToken);
        return DeviceKeys.Of(keys);
    }

    /// <summary>Runs with the R-key, and erases it.</summary>
    public async Task<T> WithRKeyAsync<T>(Func<ReadOnlyMemory<byte>, Task<T>> run, CancellationToken cancellationToken)
    {
        var rKey = GC.AllocateUninitializedArray<byte>(Protocol.Keys.AccountKeys.RKeyLength, pinned: true);
        using (var keys = await KeysAsync(cancellationToken))
        {
            keys.RKey.CopyTo(rKey);
        }

        try
        {
            return await run(rKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rKey);
        }
    }
}
