using System.Security.Cryptography;
using Halley.Server.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Credentials;

/// <summary>A kind of caller that may have an authenticator app.</summary>
internal interface IAuthenticatorOwner
{
    Guid Id { get; }

    /// <summary>Secret of the app, encrypted by <see cref="AuthenticatorCodes{TOwner}.Protect"/>; null if there is none.</summary>
    byte[]? TotpSecret { get; }

    /// <summary>The last time step whose code was used. Codes of this step and of earlier ones are rejected.</summary>
    long LastTotpStep { get; }
}

/// <summary>The kind of code that was accepted.</summary>
internal enum AcceptedCode
{
    None,
    AuthenticatorApp,
    Recovery,
}

/// <summary>The authenticator apps and recovery codes of one kind of owner.</summary>
internal sealed class AuthenticatorCodes<TOwner>(
    IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, TimeProvider time)
    where TOwner : class, IAuthenticatorOwner
{
    public const int RecoveryCodes = 10;
    private readonly IDataProtector _protector = protection.CreateProtector($"Halley.{typeof(TOwner).Name}s.TotpSecret");

    /// <summary>Accepts a code of the app or a recovery code, each only once: of two concurrent attempts only one succeeds.</summary>
    public async Task<AcceptedCode> AcceptAsync(Guid ownerId, byte[]? storedSecret, string code, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (Totp.Read(code) is { } digits)
        {
            var step = storedSecret is not null && Unprotect(ownerId, storedSecret) is { } secret
                ? Totp.StepOf(secret, digits, time.GetUtcNow())
                : null;
            return step is { } used && await database.Set<TOwner>()
                .Where(row => row.Id == ownerId && row.TotpSecret == storedSecret && row.LastTotpStep < used)
                .ExecuteUpdateAsync(
                    change => change.SetProperty(row => EF.Property<long>(row, nameof(IAuthenticatorOwner.LastTotpStep)), used),
                    cancellationToken) > 0
                ? AcceptedCode.AuthenticatorApp
                : AcceptedCode.None;
        }

        return RecoveryCode<TOwner>.HashOf(code) is { } hash && await database.Set<RecoveryCode<TOwner>>()
            .Where(row => row.OwnerId == ownerId && row.Hash == hash).ExecuteDeleteAsync(cancellationToken) > 0
            ? AcceptedCode.Recovery
            : AcceptedCode.None;
    }

    /// <summary>Encrypts a secret for storage with its owner.</summary>
    public byte[] Protect(Guid ownerId, byte[] secret) => _protector.CreateProtector(ownerId.ToString()).Protect(secret);

    /// <summary>Replaces all recovery codes. Only the caller knows the new ones.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RecoveryCode<TOwner>.Make()).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<RecoveryCode<TOwner>>().Where(code => code.OwnerId == ownerId).ExecuteDeleteAsync(cancellationToken);
        database.AddRange(codes.Select(code => new RecoveryCode<TOwner> { OwnerId = ownerId, Hash = RecoveryCode<TOwner>.HashOf(code)! }));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return codes;
    }

    public async Task RemoveRecoveryCodesAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<RecoveryCode<TOwner>>().Where(code => code.OwnerId == ownerId).ExecuteDeleteAsync(cancellationToken);
    }

    public async Task<int> CountRecoveryCodesAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<RecoveryCode<TOwner>>().CountAsync(code => code.OwnerId == ownerId, cancellationToken);
    }

    // Null if the secret cannot be decrypted, for example after the loss of the server's keys. Then only a recovery code helps.
    private byte[]? Unprotect(Guid ownerId, byte[] stored)
    {
        try
        {
            return _protector.CreateProtector(ownerId.ToString()).Unprotect(stored);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
