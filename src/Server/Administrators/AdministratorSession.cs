using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators;

/// <summary>A session of the API. Its key is 256 random bits; only the SHA-256 is stored.</summary>
internal sealed class AdministratorSession
{
    public Guid Id { get; set; }

    public Guid AdministratorId { get; set; }

    public required byte[] KeyHash { get; set; }

    public DateTime StartedAt { get; set; }

    /// <summary>Last use, exact to about a minute.</summary>
    public DateTime LastUsedAt { get; set; }

    /// <summary>Time at which an unused session ends.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>Time at which the session ends even if it is used.</summary>
    public DateTime EndsAt { get; set; }

    /// <summary>True until the second factor is given; until then the session can only be completed.</summary>
    public bool IsPending { get; set; }

    /// <summary>The address that started the session.</summary>
    public string Address { get; set; } = "";

    /// <summary>The user agent of the program that started the session.</summary>
    public string UserAgent { get; set; } = "";

    public SessionInfo ToWire(Guid? current) =>
        new(Id, StartedAt, LastUsedAt, ExpiresAt, EndsAt, Address, UserAgent, Current: Id == current);
}

internal sealed class AdministratorSessionMapping : IEntityTypeConfiguration<AdministratorSession>
{
    public void Configure(EntityTypeBuilder<AdministratorSession> builder)
    {
        builder.ToTable("AdministratorSessions");
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.Property(session => session.KeyHash).HasMaxLength(32);
        builder.Property(session => session.Address).HasMaxLength(45).HasDefaultValue("");
        builder.Property(session => session.UserAgent).HasMaxLength(SessionOrigin.LongestUserAgent).HasDefaultValue("");
        builder.HasIndex(session => session.KeyHash).IsUnique();
        builder.HasIndex(session => session.ExpiresAt);
        builder.HasOne<Administrator>().WithMany().HasForeignKey(session => session.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
