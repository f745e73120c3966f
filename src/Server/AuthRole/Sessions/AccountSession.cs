using Halley.Protocol;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>A session of a user. Its key is 256 random bits; only the SHA-256 is stored.</summary>
internal sealed class AccountSession
{
    public const int LongestDeviceId = 255;
    public const int LongestAddress = 45;
    public const int LongestUserAgent = 200;

    public Guid Id { get; set; }

    public Guid AccountId { get; set; }

    public required byte[] KeyHash { get; set; }

    public DateTime StartedAt { get; set; }

    /// <summary>Last use, exact to about a minute.</summary>
    public DateTime LastUsedAt { get; set; }

    /// <summary>Time at which an unused session ends.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>Time at which the session ends even if it is used.</summary>
    public DateTime EndsAt { get; set; }

    /// <summary>The device of the session, whose revocation ends it; null for browsers and programs.</summary>
    public string? DeviceId { get; set; }

    /// <summary>The administrator that started the session for the user, or empty.</summary>
    public string StartedBy { get; set; } = "";

    /// <summary>The address that started the session.</summary>
    public string Address { get; set; } = "";

    /// <summary>The user agent of the program that started the session.</summary>
    public string UserAgent { get; set; } = "";

    /// <summary>The session as lists show it; <paramref name="current"/> is the session of the request.</summary>
    public SessionInfo ToWire(Guid? current) => new(Id, StartedAt, LastUsedAt, ExpiresAt, EndsAt, Address, UserAgent, Id == current);
}

internal sealed class AccountSessionMapping : IEntityTypeConfiguration<AccountSession>
{
    public void Configure(EntityTypeBuilder<AccountSession> builder)
    {
        builder.ToTable("AccountSessions");
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.Property(session => session.KeyHash).HasMaxLength(SessionKey.HashLength);
        builder.Property(session => session.DeviceId).HasMaxLength(AccountSession.LongestDeviceId);
        builder.Property(session => session.StartedBy).HasMaxLength(Account.LongestName);
        builder.Property(session => session.Address).HasMaxLength(AccountSession.LongestAddress);
        builder.Property(session => session.UserAgent).HasMaxLength(AccountSession.LongestUserAgent);
        builder.HasIndex(session => session.KeyHash).IsUnique();
        builder.HasIndex(session => session.AccountId);
        builder.HasIndex(session => session.ExpiresAt);
        builder.HasOne<Account>().WithMany().HasForeignKey(session => session.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
