using System.Linq.Expressions;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// A backup user. The server's own decisions depend on the columns only. Everything else is in the encrypted profile document; the fields
/// that have a column are blank there and are filled in when the document is read.
/// </summary>
internal sealed class Account : IAuthenticatorOwner, ISignInOwner<Account>
{
    public const int LongestName = 255;

    public Guid Id { get; set; }

    /// <summary>1 to 255 letters, digits, <c>_ . @ -</c>; compared exactly, never changed.</summary>
    public required string Username { get; set; }

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationId { get; set; } = "";

    /// <summary>Group, or empty.</summary>
    public string GroupId { get; set; } = "";

    /// <summary>Policy whose copy is in the profile, or empty.</summary>
    public string PolicyId { get; set; } = "";

    public string AccountName { get; set; } = "";

    public DateTime CreatedAt { get; set; }

    /// <summary>Random; distinguishes accounts with the same name on two servers, or before and after a deletion.</summary>
    public Guid CreationId { get; set; }

    /// <summary>Version of the key derivation from the password to the L-key.</summary>
    public int KdfVersion { get; set; } = 1;

    /// <summary>Format of <see cref="PasswordHash"/>, a number of <see cref="CredentialHasher"/>.</summary>
    public int PasswordFormat { get; set; } = CredentialHasher.CurrentFormat;

    /// <summary>bcrypt over base64(SHA-512(L-key in hex)).</summary>
    public required string PasswordHash { get; set; }

    /// <summary>
    /// The R-key, sealed by the client or by the server, which makes a reset without the old password possible; empty without one.
    /// </summary>
    public string PasswordRecovery { get; set; } = "";

    /// <summary>Last change of the password. Older versions of the profile have their secrets sealed with an older key.</summary>
    public DateTime? PasswordChangedAt { get; set; }

    public bool RequirePasswordChange { get; set; }

    /// <summary>False when the password alone is not enough.</summary>
    public bool AllowPasswordLogin { get; set; } = true;

    /// <summary>True when a one-time code is required in addition to the password.</summary>
    public bool AllowPasswordAndTotpLogin { get; set; }

    /// <summary>Secret of the one-time codes, encrypted; null without one.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The last time step whose code was accepted, so that no code is accepted twice.</summary>
    public long LastTotpStep { get; set; }

    public bool IsSuspended { get; set; }

    public DateTime? SuspendedAt { get; set; }

    /// <summary>
    /// True when the policy in the profile forbids web access. It is a copy, so that a call does not have to decrypt the profile.
    /// </summary>
    public bool PreventsWebAccess { get; set; }

    public DateTime? LastSignInAt { get; set; }

    public int FailedSignIns { get; set; }

    public DateTime? LockedUntil { get; set; }

    /// <summary>The profile as JSON, encrypted.</summary>
    public required byte[] Profile { get; set; }

    /// <summary>Identifies the current state of the profile; opaque, new with every save.</summary>
    public required string ProfileHash { get; set; }

    public DateTime ProfileSavedAt { get; set; }

    public static SignInEvents Events { get; } = new(
        "a user", StreamableEventType.AccountLoginFailed, StreamableEventType.AccountSessionRevoke,
        StreamableEventType.AccountSessionExpire);

    public static Expression<Func<Account, SignInSubject>> Subject { get; } =
        row => new SignInSubject(row.Id, row.Username, row.OrganizationId);

    /// <summary>The rule for names, which is the vendor's.</summary>
    public static bool IsAcceptableName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '.' or '@' or '-');
}

internal sealed class AccountMapping : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("Accounts");
        builder.Property(account => account.Id).ValueGeneratedNever();
        builder.Property(account => account.Username).HasMaxLength(Account.LongestName);
        builder.Property(account => account.OrganizationId).HasMaxLength(64);
        builder.Property(account => account.GroupId).HasMaxLength(64);
        builder.Property(account => account.PolicyId).HasMaxLength(128);
        builder.Property(account => account.AccountName).HasMaxLength(1000);
        builder.Property(account => account.PasswordHash).HasMaxLength(1000);
        builder.Property(account => account.ProfileHash).HasMaxLength(64).IsConcurrencyToken();
        builder.HasIndex(account => account.Username).IsUnique();
        builder.HasIndex(account => account.OrganizationId);
        builder.HasIndex(account => account.GroupId);
        builder.HasIndex(account => account.PolicyId);
    }
}

internal static class AccountQueries
{
    /// <summary>The accounts that a caller may see.</summary>
    public static IQueryable<Account> In(this IQueryable<Account> accounts, TenantScope scope) =>
        scope.OrganizationId is { } organization ? accounts.Where(account => account.OrganizationId == organization) : accounts;

    /// <summary>The id of the account that the caller names; null when the caller may see no account with this name.</summary>
    public static async Task<Guid?> FindIdAsync(this ServerDbContext database, AccountCaller caller, CancellationToken cancellationToken) =>
        caller.User?.Id ?? await database.Set<Account>().In(caller.Scope).Where(account => account.Username == caller.Username)
            .Select(account => (Guid?)account.Id).SingleOrDefaultAsync(cancellationToken);
}

internal sealed class AccountRecoveryCodeMapping() : RecoveryCodeMapping<Account>("AccountRecoveryCodes");
