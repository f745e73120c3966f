using System.Net;
using System.Security.Cryptography;
using Halley.Protocol.Keys;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>The values that the server derives from a password: the hash to store and the R-key. Disposing erases the keys.</summary>
internal sealed class PasswordKeys(string hash, AccountKeys keys, byte[]? oldRKey) : IDisposable
{
    public string Hash => hash;

    public ReadOnlySpan<byte> RKey => keys.RKey;

    /// <summary>The R-key of the old password; empty without an old password.</summary>
    public ReadOnlySpan<byte> OldRKey => oldRKey;

    public void Dispose()
    {
        keys.Dispose();
        CryptographicOperations.ZeroMemory(oldRKey);
    }
}

/// <summary>
/// Computes the stored hashes. Deriving and hashing take a third of a second of a core, so both run in the limited slots of bcrypt.
/// </summary>
internal sealed class AccountHashes(IDbContextFactory<ServerDbContext> databases, CredentialHasher hasher, VerificationSlots slots)
{
    /// <summary>The hash of an L-key; null when all slots are taken.</summary>
    public async Task<string?> OfLKeyAsync(string lKey, IPAddress? client)
    {
        var (done, hash) = await slots.TryRunAsync(client, () => hasher.Hash(lKey));
        return done ? hash : null;
    }

    /// <summary>
    /// Derives the keys of a password, and the R-key of the old password if there is one. <c>Done</c> is false when all slots are taken;
    /// the keys are null when a password is not text.
    /// </summary>
    public Task<(bool Done, PasswordKeys? Keys)> OfPasswordAsync(
        string username, string password, (int Kdf, string Password)? old, IPAddress? client) =>
        slots.TryRunAsync(client, () => Derive(username, password, old));

    /// <summary>Replaces a hash of an older format or work factor. The server knows the credential to hash only at a sign-in.</summary>
    public async Task RenewAsync(SignInState account, AccountCredential credential, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!hasher.NeedsRehash(account.PasswordFormat, account.PasswordHash))
        {
            return;
        }

        var (_, renewed) = await slots.TryRunAsync(client, () => HashOf(account, credential));
        if (renewed is null)
        {
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Account>().Where(row => row.Id == account.Id && row.PasswordHash == account.PasswordHash).ExecuteUpdateAsync(
            change => change
                .SetProperty(row => row.PasswordHash, renewed)
                .SetProperty(row => row.PasswordFormat, CredentialHasher.CurrentFormat),
            cancellationToken);
    }

    private PasswordKeys? Derive(string username, string password, (int Kdf, string Password)? old)
    {
        byte[]? oldRKey = null;
        if (old is { } before)
        {
            if (!AccountKeys.TryDerive(before.Kdf, username, before.Password, out var oldKeys, out _))
            {
                return null;
            }

            using (oldKeys)
            {
                oldRKey = oldKeys.RKey.ToArray();
            }
        }

        return AccountKeys.TryDerive(AccountKeys.CurrentKdf, username, password, out var keys, out _)
            ? new PasswordKeys(hasher.Hash(keys.LKey), keys, oldRKey)
            : null;
    }

    private string? HashOf(SignInState account, AccountCredential credential)
    {
        var lKey = credential.LKey;
        return lKey is not null || AccountKeys.TryDeriveLKey(account.KdfVersion, account.Username, credential.Password, out lKey, out _)
            ? hasher.Hash(lKey)
            : null;
    }
}
