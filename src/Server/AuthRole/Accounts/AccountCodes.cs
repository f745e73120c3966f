using System.Security.Cryptography;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>The authenticator apps and recovery codes of users.</summary>
internal sealed class AccountCodes(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, IDataProtectionProvider protection, TimeProvider time)
{
    public const int RecoveryCodes = 10;
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

    /// <summary>Stores a new secret at once; whether codes are asked for does not change. The secret is only known to the caller from here on.</summary>
    public async Task<(ProfileChange Change, byte[] Secret)> RenewAsync(AccountIdentity account, string? requiredHash, CancellationToken cancellationToken)
    {
        var secret = Totp.NewSecret();
        var change = await profiles.ChangeAsync(
            account.Username, TenantScope.Of(account.OrganizationId), requiredHash, account.Username,
            (row, _) =>
            {
                (row.TotpSecret, row.TotpLastStep) = (_protector.CreateProtector(row.Id.ToString()).Protect(secret), 0);
                return null;
            },
            cancellationToken);
        return (change, secret);
    }

    /// <summary>Asks for codes from now on; answers the recovery codes, or null when the account is gone.</summary>
    public async Task<IReadOnlyList<string>?> TurnOnAsync(AccountIdentity account, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            account.Username, TenantScope.Of(account.OrganizationId), null, account.Username,
            profile =>
            {
                profile.AllowPasswordAndTOTPLogin = true;
                return null;
            },
            cancellationToken);
        return change.Result == ProfileChangeResult.Saved ? await RenewRecoveryCodesAsync(account.Id, cancellationToken) : null;
    }

    /// <summary>Asks for no codes any more, and forgets app and recovery codes.</summary>
    public async Task<ProfileChange> TurnOffAsync(string username, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            username, scope, null, actor,
            (row, profile) =>
            {
                (row.TotpSecret, row.TotpLastStep) = (null, 0);
                (profile.AllowPasswordLogin, profile.AllowPasswordAndTOTPLogin) = (true, false);
                return null;
            },
            cancellationToken);
        if (change.Stored is { } stored)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<AccountRecoveryCode>().Where(code => code.AccountId == stored.Account.Id).ExecuteDeleteAsync(cancellationToken);
        }

        return change;
    }

    /// <summary>New recovery codes instead of all old ones; they are only known to the caller from here on.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => AccountRecoveryCode.Make()).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<AccountRecoveryCode>().Where(code => code.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        database.AddRange(codes.Select(code => new AccountRecoveryCode { AccountId = accountId, Hash = AccountRecoveryCode.HashOf(code)! }));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return codes;
    }

    public async Task<int> CountRecoveryCodesAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<AccountRecoveryCode>().CountAsync(code => code.AccountId == accountId, cancellationToken);
    }

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
