using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators.SecondFactors;

/// <summary>The authenticator apps and recovery codes of administrators.</summary>
internal sealed partial class AdministratorCodes(
    IDbContextFactory<ServerDbContext> databases, AdministratorStore store, AuthenticatorCodes<Administrator> codes,
    ILogger<AdministratorCodes> logger)
{
    /// <summary>Accepts a code of the app or a recovery code, each only once.</summary>
    public async Task<bool> AcceptAsync(Administrator administrator, string code, CancellationToken cancellationToken)
    {
        var accepted = await codes.AcceptAsync(administrator.Id, administrator.TotpSecret, code, cancellationToken);
        if (accepted == AcceptedCode.Recovery)
        {
            LogRecoveryCodeUsed(administrator.UserName!);
        }

        return accepted != AcceptedCode.None;
    }

    /// <summary>Stores a new secret at once. Whether sign-ins require its codes does not change.</summary>
    public async Task<Outcome<TotpSetUp>> RenewTotpAsync(Guid id, CancellationToken cancellationToken)
    {
        var secret = Totp.NewSecret();
        var stored = codes.Protect(id, secret);
        var changed = await store.ChangeAsync(
            id, null, administrator => (administrator.TotpSecret, administrator.LastTotpStep) = (stored, 0), cancellationToken);
        return changed is null ? AdministratorRefusals.NotFound : TotpSetUp.Of(changed.UserName!, secret);
    }

    /// <summary>True if the code of the app is right. The code counts as used.</summary>
    public async Task<bool> ProveTotpAsync(Guid id, string code, CancellationToken cancellationToken) =>
        Totp.Read(code) is not null && await store.FindAsync(id, cancellationToken) is { } administrator
        && await AcceptAsync(administrator, code, cancellationToken);

    /// <summary>Requires codes from now on if this one is right, and returns recovery codes.</summary>
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

    /// <summary>Stops requiring codes and deletes the secret of the app. Recovery codes remain if a passkey is required.</summary>
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
            await codes.RemoveRecoveryCodesAsync(id, cancellationToken);
            LogTurnedOff(changed.UserName!);
        }

        return changed is null ? AdministratorRefusals.NotFound : null;
    }

    /// <summary>Requires only the password from now on. Deletes the app, the passkeys and the recovery codes.</summary>
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

        await codes.RemoveRecoveryCodesAsync(id, cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<IdentityUserPasskey<Guid>>()
            .Where(passkey => passkey.UserId == id).ExecuteDeleteAsync(cancellationToken);
        LogTurnedOff(changed.UserName!);
        return null;
    }

    /// <summary>Replaces all recovery codes. Only the caller knows the new ones.</summary>
    public async Task<RecoveryCodesCreated> RenewRecoveryCodesAsync(Guid id, CancellationToken cancellationToken) =>
        new(await codes.RenewRecoveryCodesAsync(id, cancellationToken));

    [LoggerMessage(LogEvents.RecoveryCodeUsed, LogLevel.Warning, "Administrator {Name} used a recovery code")]
    private partial void LogRecoveryCodeUsed(string name);

    [LoggerMessage(LogEvents.SecondFactorOn, LogLevel.Information, "Administrator {Name} needs a code of an authenticator app from now on")]
    private partial void LogTurnedOn(string name);

    [LoggerMessage(LogEvents.SecondFactorOff, LogLevel.Warning, "The second factors of administrator {Name} were removed")]
    private partial void LogTurnedOff(string name);
}
