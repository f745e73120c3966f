using System.Net;
using Halley.Protocol.Keys;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>
/// Makes the stored hashes. Deriving and hashing cost a third of a second of a core, so both run where bcrypt runs: a few at a time.
/// </summary>
internal sealed class AccountHashes(IDbContextFactory<ServerDbContext> databases, CredentialHasher hasher, VerificationSlots slots)
{
    /// <summary>The hash of an L-key; null when too many are being computed.</summary>
    public async Task<string?> OfLKeyAsync(string lKey, IPAddress? client)
    {
        var (done, hash) = await slots.TryRunAsync(client, () => hasher.Hash(lKey));
        return done ? hash : null;
    }

    /// <summary>
    /// The hash for a password, whose L-key exists in memory meanwhile. <c>Done</c> is false when too many are being computed; the hash is
    /// null when there is a problem with the password.
    /// </summary>
    public async Task<(bool Done, string? Hash)> OfPasswordAsync(string username, string password, IPAddress? client) =>
        await slots.TryRunAsync(
            client,
            () => AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, username, password, out var lKey, out _) ? hasher.Hash(lKey) : null);

    /// <summary>Replaces a hash of an older format or work factor: only at a sign-in does the server know what to hash.</summary>
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

    private string? HashOf(SignInState account, AccountCredential credential)
    {
        var lKey = credential.LKey;
        return lKey is not null || AccountKeys.TryDeriveLKey(account.KdfVersion, account.Username, credential.Password, out lKey, out _)
            ? hasher.Hash(lKey)
            : null;
    }
}
