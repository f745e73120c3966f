using System.Linq.Expressions;
using System.Text;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators;

/// <summary>A person who runs the server.</summary>
internal sealed class Administrator : IdentityUser<Guid>, IAuthenticatorOwner, ISignInOwner<Administrator>
{
    public const int LongestName = 255;
    public const string NameRule = "A name has 1 to 255 characters and no spaces at its ends.";

    /// <summary>Format of <see cref="IdentityUser{TKey}.PasswordHash"/>; see <see cref="CredentialHasher"/>.</summary>
    public int PasswordFormat { get; set; } = CredentialHasher.CurrentFormat;

    /// <summary>
    /// 1 for the administrator that the set-up created, null for all others. The column is unique, so only one of two concurrent set-ups
    /// succeeds.
    /// </summary>
    public int? Founder { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime? LastSignInAt { get; set; }

    public int FailedSignIns { get; set; }

    public DateTime? LockedUntil { get; set; }

    /// <summary>The organization that the administrator belongs to; empty for the server itself.</summary>
    public string OrganizationId { get; set; } = "";

    /// <summary>The vendor's AdminUserPermissions as JSON; read by <see cref="AdministratorPermissions"/>.</summary>
    public string Permissions { get; set; } = AdministratorPermissions.Unrestricted;

    /// <summary>The password is enough, unless one of the two properties below requires more.</summary>
    public bool AllowPasswordLogin { get; set; } = true;

    /// <summary>Sign-in requires the password and a code of the authenticator app.</summary>
    public bool AllowPasswordAndTotpLogin { get; set; }

    /// <summary>Sign-in requires the password and a passkey.</summary>
    public bool AllowPasswordAndPasskeyLogin { get; set; }

    /// <summary>Secret of the authenticator app, encrypted; null if there is none.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The last time step whose code was used. Codes of this step and of earlier ones are rejected.</summary>
    public long LastTotpStep { get; set; }

    public bool RequirePasswordChange { get; set; }

    /// <summary>See <see cref="AddressRule"/>; empty for any address.</summary>
    public string IPWhitelist { get; set; } = "";

    /// <summary>The password alone is not enough: sign-in asks for a code of the app.</summary>
    public bool NeedsTotp => AllowPasswordAndTotpLogin && TotpSecret is not null;

    /// <summary>The password alone is enough.</summary>
    public bool IsPasswordEnough => AllowPasswordLogin && !NeedsTotp && !AllowPasswordAndPasskeyLogin;

    /// <summary>The administrator as the caller of an operation.</summary>
    public Caller ToCaller(Guid? sessionId = null) => new(
        UserName!, OrganizationId, TenantScope.OfAdministrator(OrganizationId), AdministratorPermissions.Parse(Permissions), Address: null)
    {
        Id = Id,
        SessionId = sessionId,
        MustChangePassword = RequirePasswordChange,
    };

    public AdministratorInfo ToWire() => new(
        Id, UserName!, OrganizationId, AdministratorPermissions.Parse(Permissions).Flags, !IsPasswordEnough, RequirePasswordChange,
            IPWhitelist,
        CreatedAt, LastSignInAt, LockedUntil);

    public static SignInEvents Events { get; } = new(
        "an administrator", StreamableEventType.AdminLoginFailed, StreamableEventType.AdminSessionRevoke,
        StreamableEventType.AdminSessionExpire);

    public static Expression<Func<Administrator, SignInSubject>> Subject { get; } =
        row => new SignInSubject(row.Id, row.UserName!, row.OrganizationId);

    public SignInSubject ToSubject() => new(Id, UserName!, OrganizationId);

    /// <summary>Rejects names that would look like another name or break a log line; allows everything else.</summary>
    public static bool IsAcceptableName(string name) =>
        name.Length is > 0 and <= LongestName && name.Trim() == name && !name.Any(char.IsControl) && name.EnumerateRunes().All(IsCharacter);

    // An unpaired surrogate decodes as the replacement character. Code points that end in FFFE or FFFF aren't characters, and normalization
    // throws on them.
    private static bool IsCharacter(Rune rune) => rune != Rune.ReplacementChar && (rune.Value & 0xFFFE) != 0xFFFE;
}

internal sealed class AdministratorMapping : IEntityTypeConfiguration<Administrator>
{
    public void Configure(EntityTypeBuilder<Administrator> builder)
    {
        builder.ToTable("Administrators");
        builder.Property(administrator => administrator.UserName).HasMaxLength(Administrator.LongestName).IsRequired();
        builder.Property(administrator => administrator.NormalizedUserName).HasMaxLength(Administrator.LongestName).IsRequired();
        builder.Property(administrator => administrator.PasswordHash).HasMaxLength(100).IsRequired();
        builder.Property(administrator => administrator.SecurityStamp).HasMaxLength(64).IsRequired();
        builder.Property(administrator => administrator.ConcurrencyStamp).HasMaxLength(64).IsConcurrencyToken();
        builder.Property(administrator => administrator.Email).HasMaxLength(256);
        builder.Property(administrator => administrator.NormalizedEmail).HasMaxLength(256);
        builder.Property(administrator => administrator.OrganizationId).HasMaxLength(64).HasDefaultValue("");
        builder.Property(administrator => administrator.Permissions).HasDefaultValue(AdministratorPermissions.Unrestricted);
        builder.Property(administrator => administrator.AllowPasswordLogin).HasDefaultValue(true);
        builder.Property(administrator => administrator.TotpSecret).HasMaxLength(1000);
        builder.Property(administrator => administrator.IPWhitelist).HasMaxLength(AddressRule.Longest).HasDefaultValue("");
        builder.HasIndex(administrator => administrator.OrganizationId);
        builder.Ignore(administrator => administrator.NeedsTotp);
        builder.Ignore(administrator => administrator.IsPasswordEnough);
        // FailedSignIns and LockedUntil take the place of the framework's lock, which neither counts atomically nor spares unknown names.
        builder.Ignore(administrator => administrator.AccessFailedCount);
        builder.Ignore(administrator => administrator.LockoutEnabled);
        builder.Ignore(administrator => administrator.LockoutEnd);
        builder.Ignore(administrator => administrator.PhoneNumber);
        builder.Ignore(administrator => administrator.PhoneNumberConfirmed);
        builder.HasIndex(administrator => administrator.NormalizedUserName).IsUnique();
        builder.HasIndex(administrator => administrator.Founder).IsUnique();
    }
}

internal sealed class AdministratorRecoveryCodeMapping() : RecoveryCodeMapping<Administrator>("AdministratorRecoveryCodes");
