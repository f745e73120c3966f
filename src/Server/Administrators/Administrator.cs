using Halley.Server.Credentials;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators;

/// <summary>A person who runs the server.</summary>
internal sealed class Administrator : IdentityUser<Guid>
{
    public const int LongestName = 255;

    /// <summary>Format of <see cref="IdentityUser{TKey}.PasswordHash"/>, as <see cref="CredentialHasher"/> counts them.</summary>
    public int PasswordFormat { get; set; } = CredentialHasher.CurrentFormat;

    /// <summary>1 for the administrator made by the set-up, null for all others: unique, so that of two set-ups at once only one succeeds.</summary>
    public int? Founder { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>Names are free except for what would make two of them look the same, or break a log line.</summary>
    public static bool IsAcceptableName(string name) =>
        name.Length is > 0 and <= LongestName && name.Trim() == name && !name.Any(char.IsControl);
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
        builder.Property(administrator => administrator.LockoutEnd).HasConversion(
            end => end == null ? (DateTime?)null : end.Value.UtcDateTime,
            stored => stored == null ? null : new DateTimeOffset(DateTime.SpecifyKind(stored.Value, DateTimeKind.Utc)));
        builder.Ignore(administrator => administrator.PhoneNumber);
        builder.Ignore(administrator => administrator.PhoneNumberConfirmed);
        builder.HasIndex(administrator => administrator.NormalizedUserName).IsUnique();
        builder.HasIndex(administrator => administrator.Founder).IsUnique();
    }
}
