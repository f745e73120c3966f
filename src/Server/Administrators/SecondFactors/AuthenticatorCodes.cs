using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators.SecondFactors;

/// <summary>The authenticator apps and recovery codes of administrators.</summary>
internal sealed partial class AuthenticatorCodes(
    IDbContextFactory<ServerDbContext> databases, AdministratorStore store, TotpSecrets secrets, TimeProvider time,
    ILogger<AuthenticatorCodes> logger)
{
    public const int RecoveryCodes = 10;

    /// <summary>Takes a code of the app or a recovery code, each once: of two that come at the same time only one is right.</summary>
    public async Task<bool> AcceptAsync(Administrator administrator, string code, CancellationToken cancellationToken)
    {
        var typed = code.Trim();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (Totp.IsCode(typed))
        {
            var step = administrator.TotpSecret is { } stored && secrets.Unprotect(administrator.Id, stored) is { } secret
                ? Totp.StepOf(secret, typed, time.GetUtcNow())
                : null;
            return step is not null && await database.Set<Administrator>()
                .Where(row => row.Id == administrator.Id && row.TotpSecret == administrator.TotpSecret && row.LastTotpStep < step)
                .ExecuteUpdateAsync(change => change.SetProperty(row => row.LastTotpStep, step.Value), cancellationToken) > 0;
        }

        if (RecoveryCode.HashOf(typed) is not { } hash)
        {
            return false;
        }

        var used = await database.Set<RecoveryCode>()
            .Where(row => row.AdministratorId == administrator.Id && row.Hash == hash).ExecuteDeleteAsync(cancellationToken) > 0;
        if (used)
        {
            LogRecoveryCodeUsed(administrator.UserName!);
        }

        return used;
    }

    /// <summary>Stores a new secret at once; whether its codes are asked for does not change.</summary>
    public async Task<Outcome<TotpSetUp>> RenewTotpAsync(Guid id, CancellationToken cancellationToken)
    {
        var secret = Totp.NewSecret();
        var stored = secrets.Protect(id, secret);
        var changed = await store.ChangeAsync(
            id, null, administrator => (administrator.TotpSecret, administrator.LastTotpStep) = (stored, 0), cancellationToken);
        return changed is null ? AdministratorRefusals.NotFound : TotpSetUp.Of(changed.UserName!, secret);
    }

    /// <summary>True when the app shows the right codes. The code counts as used.</summary>
    public async Task<bool> ProveTotpAsync(Guid id, string code, CancellationToken cancellationToken) =>
        Totp.IsCode(code.Trim()) && await store.FindAsync(id, cancellationToken) is { } administrator
        && await AcceptAsync(administrator, code, cancellationToken);

    /// <summary>Requires codes from now on, if this one is right, and returns the recovery codes.</summary>
    public async Task<Outcome<RecoveryCodesCreated>> TurnOnTotpAsync(Guid id, string code, CancellationToken cancellationToken)
    {
        if (!await ProveTotpAsync(id, code, cancellationToken)
            || await store.ChangeAsync(
                id, null, administrator => administrator.AllowPasswordAndTotpLogin = true, cancellationToken) is not { } changed)
        {
            return AdministratorRefusals.WrongCode;
        }

        LogTurnedOn(changed.UserName!);
        return await RenewRecoveryCodesAsync(id, cancellationToken);
    }

    /// <summary>Requires no codes any more and deletes the secret of the app; recovery codes remain when a passkey is required.</summary>
    public async Task<Refusal?> TurnOffTotpAsync(Guid id, CancellationToken cancellationToken)
    {
        var changed = await store.ChangeAsync(
            id, null,
            administrator =>
            {
                administrator.AllowPasswordAndTotpLogin = false;
                administrator.TotpSecret = null;
                administrator.AllowPasswordLogin |= !administrator.AllowPasswordAndPasskeyLogin;
            },
            cancellationToken);
        if (changed is { AllowPasswordAndPasskeyLogin: false })
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<RecoveryCode>().Where(code => code.AdministratorId == id).ExecuteDeleteAsync(cancellationToken);
            LogTurnedOff(changed.UserName!);
        }

        return changed is null ? AdministratorRefusals.NotFound : null;
    }

    /// <summary>Requires only the password any more, and deletes the app, the passkeys and the recovery codes.</summary>
    public async Task<Refusal?> RemoveAllAsync(Guid id, string actor, CancellationToken cancellationToken)
    {
        var changed = await store.ChangeAsync(
            id, actor,
            administrator =>
            {
                administrator.AllowPasswordLogin = true;
                administrator.AllowPasswordAndTotpLogin = false;
                administrator.AllowPasswordAndPasskeyLogin = false;
                administrator.TotpSecret = null;
            },
            cancellationToken);
        if (changed is null)
        {
            return AdministratorRefusals.NotFound;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<RecoveryCode>().Where(code => code.AdministratorId == id).ExecuteDeleteAsync(cancellationToken);
        await database.Set<IdentityUserPasskey<Guid>>()
            .Where(passkey => passkey.UserId == id).ExecuteDeleteAsync(cancellationToken);
        LogTurnedOff(changed.UserName!);
        return null;
    }

    /// <summary>Replaces all recovery codes by new ones, which only the caller knows from here on.</summary>
    public async Task<RecoveryCodesCreated> RenewRecoveryCodesAsync(Guid id, CancellationToken cancellationToken)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RecoveryCode.Make()).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var old = await database.Set<RecoveryCode>().Where(code => code.AdministratorId == id).ToListAsync(cancellationToken);
        database.RemoveRange(old);
        database.AddRange(codes.Select(code => new RecoveryCode { AdministratorId = id, Hash = RecoveryCode.HashOf(code)! }));
        await database.SaveChangesAsync(cancellationToken);
        return new RecoveryCodesCreated(codes);
    }

    public async Task<int> CountRecoveryCodesAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<RecoveryCode>().CountAsync(code => code.AdministratorId == id, cancellationToken);
    }

    [LoggerMessage(LogEvents.RecoveryCodeUsed, LogLevel.Warning, "Administrator {Name} used a recovery code")]
    private partial void LogRecoveryCodeUsed(string name);

    [LoggerMessage(LogEvents.SecondFactorOn, LogLevel.Information, "Administrator {Name} needs a code of an authenticator app from now on")]
    private partial void LogTurnedOn(string name);

    [LoggerMessage(LogEvents.SecondFactorOff, LogLevel.Warning, "The second factors of administrator {Name} were removed")]
    private partial void LogTurnedOff(string name);
}
