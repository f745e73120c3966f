using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Profiles;

namespace Halley.Client.Accounts;

/// <summary>
/// Changes the keys of a vault of the account: that of its bucket, or its E-key. What was begun is kept in the state directory until it is
/// done, and goes on with the next call for the same vault.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="api">Requests to its server.</param>
/// <param name="stores">Opens places.</param>
/// <param name="clientVersion">Version of the client.</param>
public sealed class VaultKeyChange(DeviceAccount account, HalleyClient api, VaultStores stores, string clientVersion)
{
    private const int WrongKey = 401;

    /// <summary>What a hash of a bucket key costs; default: what it costs a server.</summary>
    internal int WorkFactor { get; init; } = DeviceVaults.UsualWorkFactor;

    /// <summary>
    /// Gives the bucket of a vault a new key. The order is: new key on its server, profile, end of the old key. Other devices go on with
    /// the old key until they have read the profile, for which they have some days.
    /// </summary>
    /// <param name="vaultId">The vault.</param>
    /// <param name="days">Days for which the old key still works; 0 ends it at once.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RotateBucketKeyAsync(string vaultId, int days, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var vault = await ReadAsync(vaultId, cancellationToken);
        if (vault.Config.DestinationType != DestinationTypes.Server)
        {
            throw new AccountException(
                AccountFault.NoVault,
                $"The vault '{vault.Config.Description}' is not in a bucket of a Halley server, so it has no such key.");
        }

        var device = account.State.RequireDevice();
        var server = new HalleyClient(stores.Http, new Uri(vault.Config.CometServer), api.Time);
        var (bucket, present) = (vault.Config.CometBucket, vault.OpenBucketKey(rKey.Span));
        var rotation = account.State.FindRotation(vaultId, isOfBucket: true);
        if (rotation is not null && rotation.Open(device) is var begun && begun.Old != present && begun.Renewed != present)
        {
            // Another device was faster; nobody else knows the key that this one has added.
            await RetireAsync(server, bucket, begun.Renewed, days: 0, cancellationToken);
            rotation = null;
        }

        rotation ??= Begin(device, vaultId, present);
        var (old, renewed) = rotation.Open(device);
        if (present == old)
        {
            var added = await server.SucceedBucketKeyAsync(bucket, old, new SucceedBucketKey(rotation.Hash!), cancellationToken);
            if (added.Refusal is { } refusal)
            {
                account.State.ForgetRotation(vaultId, isOfBucket: true);
                throw Of(refusal, server.Host);
            }

            await account.EditProfileAsync(profile => Replace(profile, vaultId, old, renewed, rKey), clientVersion, cancellationToken);
        }

        await RetireAsync(server, bucket, old, days, cancellationToken);
        account.State.ForgetRotation(vaultId, isOfBucket: true);
    }

    /// <summary>
    /// Gives a vault a new E-key, without touching data. The order is: new key file, profile, end of the old key file. Other devices learn
    /// of it from the profile; a backup in progress goes on.
    /// </summary>
    /// <param name="vaultId">The vault.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RotateVaultKeyAsync(string vaultId, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        var config = await ReadAsync(vaultId, cancellationToken);
        using var old = config.OpenKey(rKey.Span);
        var store = stores.Open(config.OpenPlace(rKey.Span));
        using var vault = await Vault.OpenAsync(store, old.Password, new VaultOptions { Time = api.Time }, cancellationToken);
        if (account.State.FindRotation(vaultId, isOfBucket: false) is { } begun && begun.OldKeyFile != $"{vault.Keys.Current}")
        {
            await vault.Keys.RemoveAsync(BlobId.Parse(begun.OldKeyFile!), cancellationToken);
            account.State.ForgetRotation(vaultId, isOfBucket: false);
            return;
        }

        account.State.Save(KeyRotation.OfVault(vaultId, $"{vault.Keys.Current}"));
        using var renewed = EKey.CreateRandom();
        var sealedBefore = config.Config.EncryptedEncryptionKey;
        var isChanged = await vault.Keys.TryChangeAsync(
            renewed.Password, EKey.Parameters,
            async token =>
            {
                var profile = await account.EditProfileAsync(
                    edited =>
                    {
                        var known = DeviceVaults.Require(edited, vaultId).Config;
                        if (known.EncryptedEncryptionKey != sealedBefore)
                        {
                            return false; // saved before its answer was lost, or by another device
                        }

                        renewed.SealInto(rKey.Span, known, api.Time);
                        return true;
                    },
                    clientVersion, token);
                return EKey.TryOpen(rKey.Span, DeviceVaults.Require(profile, vaultId).Config, out var saved) && IsSame(saved, renewed);
            },
            cancellationToken);
        account.State.ForgetRotation(vaultId, isOfBucket: false);
        if (!isChanged)
        {
            throw new AccountException(
                AccountFault.Refused, "Another device has changed the key of this vault at the same moment. Nothing was changed here.");
        }
    }

    private static bool IsSame(EKey one, EKey other)
    {
        using (one)
        {
            return one.Password.Span.SequenceEqual(other.Password.Span);
        }
    }

    private static bool Replace(UserProfileConfig profile, string vaultId, string old, string renewed, ReadOnlyMemory<byte> rKey)
    {
        var vault = DeviceVaults.Require(profile, vaultId);
        var present = vault.OpenBucketKey(rKey.Span);
        if (present != old && present != renewed)
        {
            throw new AccountException(
                AccountFault.Refused, "Another device has changed this key at the same moment. Run the command again.");
        }

        if (present == old)
        {
            BucketPsk.SealInto(rKey.Span, vault.Config, renewed);
        }

        return present == old;
    }

    private static AccountException Of(ApiRefusal refusal, string host) => refusal.Code switch
    {
        "" => new(
            AccountFault.Refused,
            $"{host} answered {refusal.Status}: it does not let the holder of a key replace it. Ask its administrator for another key."),
        "wrong_key" => new(
            AccountFault.WrongCredential,
            $"{host} does not accept the key of the bucket: it was revoked or has expired. Ask its administrator."),
        _ => DeviceAccount.Of(refusal),
    };

    // A key that is gone needs no retirement.
    private static async Task RetireAsync(
        HalleyClient server, string bucket, string key, int days, CancellationToken cancellationToken)
    {
        var refusal = await server.RetireBucketKeyAsync(bucket, key, new RetireBucketKey(days), cancellationToken);
        if (refusal is not null && refusal.Status != WrongKey)
        {
            throw Of(refusal, server.Host);
        }
    }

    private async Task<ProfileVault> ReadAsync(string vaultId, CancellationToken cancellationToken) =>
        DeviceVaults.Require((await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile, vaultId);

    private KeyRotation Begin(DeviceState device, string vaultId, string old)
    {
        var renewed = RandomKeys.BucketKey();
        var rotation = KeyRotation.OfBucket(device, vaultId, old, renewed, DeviceVaults.HashOf(renewed, WorkFactor));
        account.State.Save(rotation);
        return rotation;
    }
}
