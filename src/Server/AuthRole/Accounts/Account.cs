using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>
/// A backup user. What the server decides by is in columns, which are the truth; everything else is in the encrypted profile document,
/// where these fields are blank and filled in when it is read.
/// </summary>
internal sealed class Account
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

    /// <summary>Random; tells accounts of one name on two servers, or before and after a deletion, apart.</summary>
    public Guid CreationId { get; set; }

    /// <summary>Version of the key derivation by which clients get the L-key from the password.</summary>
    public int KdfVersion { get; set; } = 1;

    /// <summary>Format of <see cref="PasswordHash"/>, as <see cref="CredentialHasher"/> counts them.</summary>
    public int PasswordFormat { get; set; } = CredentialHasher.CurrentFormat;

    /// <summary>bcrypt over base64(SHA-512(L-key in hex)).</summary>
    public required string PasswordHash { get; set; }

    /// <summary>What makes a reset without the old password possible, as the client sealed it; empty when nothing does.</summary>
    public string PasswordRecovery { get; set; } = "";

    /// <summary>Last change of the password; older versions of the profile have their secrets sealed with the key of an older one.</summary>
    public DateTime? PasswordChangedAt { get; set; }

    public bool RequirePasswordChange { get; set; }

    /// <summary>False: the password alone is not enough.</summary>
    public bool AllowPasswordLogin { get; set; } = true;

    /// <summary>True: a one-time code is needed beside the password.</summary>
    public bool AllowPasswordAndTotpLogin { get; set; }

    /// <summary>Secret of the one-time codes, encrypted; null when there is none.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The last time step of which a code was accepted, so that none counts twice.</summary>
    public long TotpLastStep { get; set; }

    public bool IsSuspended { get; set; }

    public DateTime? SuspendedAt { get; set; }

    /// <summary>True when the policy in the profile keeps the user off the web; a copy, so that no profile is opened for each call.</summary>
    public bool PreventsWebAccess { get; set; }

    public DateTime? LastSignInAt { get; set; }

    public int FailedSignIns { get; set; }

    public DateTime? LockedUntil { get; set; }

    /// <summary>The profile as JSON, encrypted.</summary>
    public required byte[] Profile { get; set; }

    /// <summary>Identifies the present state of the profile; opaque, new with every save.</summary>
    public required string ProfileHash { get; set; }

    public DateTime ProfileSavedAt { get; set; }

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
