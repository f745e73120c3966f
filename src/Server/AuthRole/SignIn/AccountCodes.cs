using System.Security.Cryptography;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>The secrets of authenticator apps and the recovery codes of users.</summary>
internal sealed class AccountCodes(IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, TimeProvider time)
{
    public const int RecoveryCodes = 10;
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Accounts.TotpSecret");

    /// <summary>Accepts a code of the app or a recovery code, each once: of two concurrent attempts only one succeeds.</summary>
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

    /// <summary>A secret in the form in which an account stores it.</summary>
    public byte[] Protect(Guid accountId, byte[] secret) => _protector.CreateProtector(accountId.ToString()).Protect(secret);

    /// <summary>Replaces all recovery codes by new ones. Only the caller knows them from here on.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => AccountRecoveryCode.Make()).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<AccountRecoveryCode>().Where(code => code.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        database.AddRange(
            codes.Select(code => new AccountRecoveryCode { AccountId = accountId, Hash = AccountRecoveryCode.HashOf(code)! }));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return codes;
    }

    public async Task RemoveRecoveryCodesAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<AccountRecoveryCode>().Where(code => code.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }

    // Null when the secret cannot be decrypted, for example after the loss of the server's keys; then only a recovery code helps.
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
