using System.Security.Cryptography;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>The authenticator apps of users.</summary>
internal sealed class AccountCodes(IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, TimeProvider time)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Accounts.TotpSecret");

    /// <summary>Takes a code of the app or a recovery code, each once: of two that come at the same time only one is right.</summary>
    public async Task<bool> AcceptAsync(SignInState account, string code, CancellationToken cancellationToken)
    {
        var typed = code.Trim();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (Totp.IsCode(typed))
        {
            var step = account.TotpSecret is { } stored && Unprotect(account.Id, stored) is { } secret
                ? Totp.StepOf(secret, typed, time.GetUtcNow())
                : null;
            return step is not null && await database.Set<Account>()
                .Where(row => row.Id == account.Id && row.TotpLastStep < step)
                .ExecuteUpdateAsync(change => change.SetProperty(row => row.TotpLastStep, step.Value), cancellationToken) > 0;
        }

        return AccountRecoveryCode.HashOf(typed) is { } hash && await database.Set<AccountRecoveryCode>()
            .Where(row => row.AccountId == account.Id && row.Hash == hash).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    private byte[] Protect(Guid accountId, byte[] secret) => _protector.CreateProtector(accountId.ToString()).Protect(secret);

    // Null when it cannot be read, as after the loss of the server's keys: then only a recovery code helps.
    private byte[]? Unprotect(Guid accountId, byte[] stored)
    {
        try
        {
            return _protector.CreateProtector(accountId.ToString()).Unprotect(stored);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
