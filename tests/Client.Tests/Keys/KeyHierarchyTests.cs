using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Keys;

/// <summary>Password → R-key → E-key → A-key → data: each arrow works, and nothing works when it is cut.</summary>
public sealed class KeyHierarchyTests : IDisposable
{
    private readonly AccountKeys _account = Derive("a password");
    private readonly DestinationConfig _profile = new();
    private readonly MemoryBlobStore _store = new();

    public void Dispose() => _account.Dispose();

    [Fact]
    public async Task Password_leads_to_the_data()
    {
        await SetUpAsync();
        using var account = Derive("a password");

        Assert.True(EKey.TryOpen(account.RKey, _profile, out var key));
        using (key)
        {
            Assert.Equal([1, 2, 3], await ReadAsync(key));
        }

        Assert.True(BucketPsk.TryOpen(account.RKey, _profile, out var psk));
        Assert.Equal("0123456789abcdef0123456789abcdef", psk);
        Assert.Equal(EKey.SealedWithRKey, _profile.EncryptionKeyEncryptionMethod);
        Assert.NotEqual(0, _profile.RepoInitTimestamp);
    }

    [Fact]
    public async Task Profile_holds_neither_key_in_clear()
    {
        using var key = await SetUpAsync();

        Assert.DoesNotContain(key.Password.ToString(), _profile.EncryptedEncryptionKey, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("0123456789abcdef", _profile.CometBucketKey, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Another_password_opens_neither_key()
    {
        await SetUpAsync();
        using var other = Derive("another password");

        Assert.False(EKey.TryOpen(other.RKey, _profile, out _));
        Assert.False(BucketPsk.TryOpen(other.RKey, _profile, out _));
    }

    [Fact]
    public async Task Keys_that_a_server_exchanges_are_refused()
    {
        await SetUpAsync();
        (_profile.EncryptedEncryptionKey, _profile.CometBucketKey) = (_profile.CometBucketKey, _profile.EncryptedEncryptionKey);

        Assert.False(EKey.TryOpen(_account.RKey, _profile, out _));
        Assert.False(BucketPsk.TryOpen(_account.RKey, _profile, out _));
    }

    [Fact]
    public async Task Another_E_key_does_not_open_the_vault()
    {
        await SetUpAsync();
        using var other = EKey.CreateRandom();

        Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => ReadAsync(other)));
    }

    [Fact]
    public async Task Without_its_key_file_the_E_key_opens_nothing()
    {
        using var key = await SetUpAsync();
        foreach (var id in await TestVault.NamesAsync(_store, BlobType.Keys))
        {
            await _store.DeleteAsync(BlobName.Of(BlobType.Keys, id), CancellationToken.None);
        }

        Assert.Equal(VaultFault.Missing, await TestVault.FaultOfAsync(() => ReadAsync(key)));
    }

    [Fact]
    public async Task Another_vaults_key_file_opens_but_its_A_key_does_not_fit_the_data()
    {
        using var key = await SetUpAsync();
        var foreign = new MemoryBlobStore();
        using (await Vault.CreateAsync(foreign, key.Password, EKey.Parameters, null, CancellationToken.None))
        {
        }

        var own = Assert.Single(await TestVault.NamesAsync(_store, BlobType.Keys));
        await _store.DeleteAsync(BlobName.Of(BlobType.Keys, own), CancellationToken.None);
        var other = BlobName.Of(BlobType.Keys, Assert.Single(await TestVault.NamesAsync(foreign, BlobType.Keys)));
        await new TestBlob(other, (await new TestBlob(other, []).ReadAsync(foreign))!).PutAsync(_store);

        Assert.Equal(VaultFault.Damaged, await TestVault.FaultOfAsync(() => ReadAsync(key)));
    }

    [Fact]
    public async Task New_E_key_needs_no_new_data_and_ends_the_old_one()
    {
        using var old = await SetUpAsync();
        var data = await TestVault.NamesAsync(_store, BlobType.Data);
        using var renewed = EKey.CreateRandom();
        using (var vault = await OpenAsync(old))
        {
            Assert.True(await vault.Keys.TryChangeAsync(
                renewed.Password, EKey.Parameters,
                _ =>
                {
                    renewed.SealInto(_account.RKey, _profile, TimeProvider.System);
                    return ValueTask.FromResult(true);
                },
                CancellationToken.None));
        }

        Assert.True(EKey.TryOpen(_account.RKey, _profile, out var opened));
        using (opened)
        {
            Assert.Equal([1, 2, 3], await ReadAsync(opened));
        }

        Assert.Equal(data, await TestVault.NamesAsync(_store, BlobType.Data));
        Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => ReadAsync(old)));
    }

    [Fact]
    public async Task New_E_key_that_the_profile_refuses_leaves_the_old_one_alone()
    {
        using var old = await SetUpAsync();
        using var renewed = EKey.CreateRandom();
        using (var vault = await OpenAsync(old))
        {
            Assert.False(await vault.Keys.TryChangeAsync(
                renewed.Password, EKey.Parameters, _ => ValueTask.FromResult(false), CancellationToken.None));
        }

        Assert.Equal([1, 2, 3], await ReadAsync(old));
        Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => ReadAsync(renewed)));
    }

    [Fact]
    public async Task New_E_key_of_which_it_is_unknown_whether_the_profile_has_it_leaves_both()
    {
        using var old = await SetUpAsync();
        using var renewed = EKey.CreateRandom();
        using (var vault = await OpenAsync(old))
        {
            await Assert.ThrowsAsync<IOException>(() => vault.Keys.TryChangeAsync(
                renewed.Password, EKey.Parameters, _ => throw new IOException("The answer was lost."), CancellationToken.None).AsTask());
        }

        Assert.Equal([1, 2, 3], await ReadAsync(old));
        Assert.Equal([1, 2, 3], await ReadAsync(renewed));
    }

    [Fact]
    public async Task Three_fields_of_the_profile_open_a_clone_of_the_vault()
    {
        await SetUpAsync();
        var clone = new DestinationConfig
        {
            EncryptionKeyEncryptionMethod = _profile.EncryptionKeyEncryptionMethod,
            EncryptedEncryptionKey = _profile.EncryptedEncryptionKey,
            RepoInitTimestamp = _profile.RepoInitTimestamp,
        };

        Assert.True(EKey.TryOpen(_account.RKey, clone, out var key));
        using (key)
        {
            Assert.Equal([1, 2, 3], await ReadAsync(key));
        }
    }

    [Fact]
    public void Vault_that_is_not_set_up_has_no_E_key_and_its_bucket_key_is_in_clear()
    {
        _profile.CometBucketKey = "0123456789abcdef0123456789abcdef";

        Assert.False(EKey.TryOpen(_account.RKey, _profile, out _));
        Assert.True(BucketPsk.TryOpen(_account.RKey, _profile, out var psk));
        Assert.Equal(_profile.CometBucketKey, psk);
    }

    [Fact]
    public void Erased_E_key_is_zero_and_cannot_be_used()
    {
        var key = EKey.CreateRandom();
        var password = key.Password;
        Assert.Matches("^[0-9a-f]{32}$", password.ToString());

        key.Dispose();

        Assert.True(password.Span.IndexOfAnyExcept('\0') < 0);
        Assert.Throws<ObjectDisposedException>(() => key.Password);
    }

    private static AccountKeys Derive(string password)
    {
        Assert.True(AccountKeys.TryDerive(AccountKeys.CurrentKdf, "alice", password, out var keys, out _));
        return keys;
    }

    private async Task<EKey> SetUpAsync()
    {
        var key = EKey.CreateRandom();
        key.SealInto(_account.RKey, _profile, TimeProvider.System);
        BucketPsk.SealInto(_account.RKey, _profile, "0123456789abcdef0123456789abcdef");
        using var vault = await Vault.CreateAsync(_store, key.Password, EKey.Parameters, null, CancellationToken.None);
        await TestVault.BackUpAsync(vault, ("file", [1, 2, 3]));
        return key;
    }

    private Task<Vault> OpenAsync(EKey key) => Vault.OpenAsync(_store, key.Password, null, CancellationToken.None).AsTask();

    private async Task<byte[]> ReadAsync(EKey key)
    {
        using var vault = await OpenAsync(key);
        return (await TestVault.ReadAllAsync(vault))["/file"];
    }
}
