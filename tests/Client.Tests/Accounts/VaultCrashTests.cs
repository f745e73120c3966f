using System.Net.Http.Json;
using Halley.Client.Accounts;
using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Client.Tests.Repository;
using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Accounts;

/// <summary>
/// Every operation on the vaults of an account crashes at each of its requests in turn, and is done again: then it is done once and wholly,
/// and the vault could be opened all the time.
/// </summary>
public sealed class VaultCrashTests(AccountServer server) : IClassFixture<AccountServer>, IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private StateDirectory _state = null!;
    private AccountKeys _keys = null!;

    private ReadOnlyMemory<byte> RKey => _keys.RKey.ToArray();

    public async Task InitializeAsync()
    {
        Assert.True(AccountKeys.TryDerive(1, _user, "a password of ours", out var keys, out _));
        _keys = keys;
        _state = new StateDirectory(_directory["state"]);
        using var made = await server.Admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: keys.LKey));
        made.EnsureSuccessStatusCode();
        using var machine = new Machine(server, _state);
        await machine.Account.LoginAsync(server.Address, _user, "a password of ours".AsMemory(), Machine.Login, Never);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _keys.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Request_and_removal_leave_one_vault_or_none()
    {
        var round = 0;
        await CrashEverywhereAsync(
            machine => machine.Vaults.RequestAsync(AccountServer.Provider, $"v{round}", RKey, Never),
            async machine =>
            {
                using var vault = await machine.OpenAsync($"v{round}", RKey);
                Assert.Empty(await vault.Snapshots.ListAsync(Never));
                var config = (await machine.FindAsync($"v{round}")).Config;
                Assert.StartsWith("1.", config.CometBucketKey, StringComparison.Ordinal);
                var id = (await machine.FindAsync($"v{round}")).Id;
                await machine.Vaults.RemoveAsync(id, Never);
                await machine.Vaults.RemoveAsync(id, Never);
                round++;
                Assert.Empty((await machine.Account.ReadProfileAsync("1", Never)).Profile.Destinations);
            });
    }

    [Fact]
    public async Task Vault_that_exists_is_added_with_a_further_key_and_keeps_its_password()
    {
        const string Password = "a password of the vault";
        var place = new VaultPlace(_directory["disk"], null, "", "");
        using (await Vault.CreateAsync(new DiskBlobStore(place.Directory!), Password.AsMemory(), EKey.Parameters, null, Never))
        {
        }

        await CrashEverywhereAsync(
            machine => machine.Vaults.AddAsync("disk", place, () => Task.FromResult(Password.AsMemory()), RKey, Never),
            async machine =>
            {
                using var vault = await machine.OpenAsync("disk", RKey);
                using var byPassword = await Vault.OpenAsync(vault.Store, Password.AsMemory(), null, Never);
                foreach (var file in (await byPassword.Keys.ListAsync(Never)).Where(file => !file.IsCurrent))
                {
                    await byPassword.Keys.RemoveAsync(file.Id, Never);
                }

                Assert.Equal([_state.FindDevice()!.Id], (await machine.FindAsync("disk")).Config.AssociatedDevices);
                await Assert.ThrowsAsync<AccountException>(
                    () => machine.Vaults.AddAsync("again", place, () => Task.FromResult(Password.AsMemory()), RKey, Never));
                await machine.Vaults.RemoveAsync((await machine.FindAsync("disk")).Id, Never);
            });
    }

    [Fact]
    public async Task Key_of_the_bucket_changes_with_overlap_and_no_old_one_stays_for_good()
    {
        var vault = await RequestAsync("offsite");
        var bucket = vault.Config.CometBucket;
        var before = vault.OpenBucketKey(RKey.Span);

        await CrashEverywhereAsync(
            machine => machine.KeyChange.RotateBucketKeyAsync(vault.Id, days: 7, RKey, Never),
            async machine =>
            {
                using (await machine.OpenAsync("offsite", RKey))
                {
                }

                var present = await machine.FindAsync("offsite");
                var now = present.OpenBucketKey(RKey.Span);
                Assert.NotEqual(before, now);
                var old = machine.Stores.Open(new VaultPlace(null, present.Server, bucket, before));
                Assert.NotNull(await old.FindAsync(BlobName.Config, Never)); // another device, which has not read the profile
                Assert.Single(await server.KeysAsync(bucket), key => key.ExpiresAt is null);
                await machine.KeyChange.RotateBucketKeyAsync(vault.Id, days: 0, RKey, Never);
                var ended = machine.Stores.Open(new VaultPlace(null, present.Server, bucket, now));
                var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => ended.FindAsync(BlobName.Config, Never).AsTask());
                Assert.Equal(BlobStoreFault.Unauthorized, refusal.Fault);
                before = (await machine.FindAsync("offsite")).OpenBucketKey(RKey.Span);
                foreach (var key in (await server.KeysAsync(bucket)).Where(key => key.ExpiresAt is not null))
                {
                    using var revoked = await server.Admin.DeleteAsync(new Uri(Routes.ToBucketKey(bucket, key.Id), UriKind.Relative));
                    revoked.EnsureSuccessStatusCode();
                }
            });
    }

    [Fact]
    public async Task Key_of_the_vault_changes_without_its_data_and_the_old_one_ends()
    {
        var vault = await RequestAsync("offsite");
        var before = vault.OpenKey(RKey.Span);

        await CrashEverywhereAsync(
            machine => machine.KeyChange.RotateVaultKeyAsync(vault.Id, RKey, Never),
            async machine =>
            {
                using var opened = await machine.OpenAsync("offsite", RKey);
                var refusal = await Assert.ThrowsAsync<VaultException>(
                    () => Vault.OpenAsync(opened.Store, before.Password, null, Never).AsTask());
                Assert.Equal(VaultFault.WrongPassword, refusal.Fault);
                before.Dispose();
                before = (await machine.FindAsync("offsite")).OpenKey(RKey.Span);
            });
        before.Dispose();
    }

    [Fact]
    public async Task Vault_moves_with_its_snapshots_and_its_schedules_point_to_the_new_place()
    {
        var vault = await RequestAsync("offsite");
        var snapshot = await SaveSnapshotAsync("offsite");
        var places = new VaultTarget[] { new(null, new VaultPlace(_directory["moved"], null, "", "")), new(AccountServer.Provider, null) };
        var round = 0;

        await CrashEverywhereAsync(
            machine => machine.Move.MoveAsync(vault.Id, places[round % 2], Machine.WorkOf(RKey), Never),
            async machine =>
            {
                var moved = await machine.FindAsync("offsite");
                Assert.Equal(vault.Id, moved.Id);
                Assert.Equal(round % 2 == 0, moved.Config.LocalcopyPath.Length > 0);
                Assert.Single((await machine.Account.ReadProfileAsync("1", Never)).Profile.Destinations);
                using var opened = await machine.OpenAsync("offsite", RKey);
                Assert.Equal(snapshot, Assert.Single(await opened.Snapshots.ListAsync(Never)).Id);
                if (round++ % 2 == 1)
                {
                    Directory.Delete(_directory["moved"], recursive: true);
                }
            },
            stride: 3);
    }

    [Fact]
    public async Task Clone_has_the_same_key_and_becomes_independent()
    {
        var vault = await RequestAsync("offsite");
        var snapshot = await SaveSnapshotAsync("offsite");
        var round = 0;

        await CrashEverywhereAsync(
            machine => machine.Move.SplitAsync(
                vault.Id, $"clone{round}", new VaultTarget(AccountServer.Provider, null), Machine.WorkOf(RKey), Never),
            async machine =>
            {
                var (original, clone) = (await machine.FindAsync("offsite"), await machine.FindAsync($"clone{round}"));
                Assert.Equal(original.Config.EncryptedEncryptionKey, clone.Config.EncryptedEncryptionKey);
                Assert.Equal(original.Config.RepoInitTimestamp, clone.Config.RepoInitTimestamp);
                Assert.NotEqual(original.Config.CometBucket, clone.Config.CometBucket);
                using (var opened = await machine.OpenAsync($"clone{round}", RKey))
                {
                    Assert.Equal(snapshot, Assert.Single(await opened.Snapshots.ListAsync(Never)).Id);
                    await opened.DeleteAsync(BlobName.Of(BlobType.Snapshots, $"{snapshot}"), Never);
                }

                using var whole = await machine.OpenAsync("offsite", RKey);
                Assert.Single(await whole.Snapshots.ListAsync(Never));
                round++;
            },
            stride: 3);
        using var last = new Machine(server, _state);
        Assert.Equal(round + 1, (await last.Account.ReadProfileAsync("1", Never)).Profile.Destinations.Count);
    }

    [Fact]
    public async Task Password_and_all_secrets_change_together()
    {
        await RequestAsync("offsite");
        Assert.True(AccountKeys.TryDerive(1, _user, "another password", out var other, out _));
        var (present, next) = (_keys, other);

        for (var at = 1; ; at++)
        {
            using var crashing = new Machine(server, _state, at, isSent: true);
            var hasCrashed = false;
            try
            {
                await crashing.Account.ChangePasswordAsync(present, next, "1", Never);
            }
            catch (CrashException)
            {
                hasCrashed = true;
            }

            // Whichever signs in opens the vault, and the other does neither.
            using var after = new Machine(server, new StateDirectory(_directory["after"]));
            var works = await SignsInAsync(after, next) ? next : present;
            Assert.True(works == next || await SignsInAsync(after, present));
            Assert.True((await after.Api.FindProfileAsync(Never)).TryGet(out var profile, out _));
            using (ProfileVault.Find(profile.Profile, "offsite").OpenKey(works.RKey))
            {
            }

            (present, next) = works == next ? (next, present) : (present, next);
            if (!hasCrashed)
            {
                break;
            }

            using var again = new Machine(server, _state);
            await again.Account.LoginAsync(
                server.Address, _user, (present == _keys ? "a password of ours" : "another password").AsMemory(), Machine.Login, Never);
        }

        other.Dispose();
    }

    private async Task<bool> SignsInAsync(Machine machine, AccountKeys keys) =>
        (await machine.Api.SignInAsync(new StartSession(_user, LKey: keys.LKey), Never)).Refusal is null;

    // Every second crash is before the request is sent, every other before its answer is read.
    private async Task CrashEverywhereAsync(Func<Machine, Task> work, Func<Machine, Task> check, int stride = 1)
    {
        for (var at = 1; ; at += stride)
        {
            using var crashing = new Machine(server, _state, at, isSent: at % 2 == 0);
            try
            {
                await work(crashing);
            }
            catch (CrashException)
            {
                Assert.True(crashing.Handler.HasCrashed);
            }

            using var machine = new Machine(server, _state);
            if (crashing.Handler.HasCrashed)
            {
                await work(machine);
            }

            await check(machine);
            if (!crashing.Handler.HasCrashed)
            {
                Assert.True(at > 3);
                return;
            }
        }
    }

    private async Task<ProfileVault> RequestAsync(string name)
    {
        using var machine = new Machine(server, _state);
        return await machine.Vaults.RequestAsync(AccountServer.Provider, name, RKey, Never);
    }

    private async Task<BlobId> SaveSnapshotAsync(string name)
    {
        using var machine = new Machine(server, _state);
        using var vault = await machine.OpenAsync(name, RKey);
        return await TestVault.BackUpAsync(vault, [("file", TestVault.Bytes(10_000, seed: 1))]);
    }
}
