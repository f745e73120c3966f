using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators;

/// <summary>A session of the API. Its key is 256 random bits, of which only the SHA-256 is kept.</summary>
internal sealed class AdministratorSession
{
    public Guid Id { get; set; }

    public Guid AdministratorId { get; set; }

    public required byte[] KeyHash { get; set; }

    public DateTime StartedAt { get; set; }

    /// <summary>Last use, exact to about a minute.</summary>
    public DateTime LastUsedAt { get; set; }

    /// <summary>Time at which it ends if it is not used again.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>Time at which it ends even when it is used.</summary>
    public DateTime EndsAt { get; set; }

    /// <summary>True while the second factor is missing: such a session is good for nothing but adding it.</summary>
    public bool IsPending { get; set; }

    /// <summary>Where it was started from.</summary>
    public string Address { get; set; } = "";

    /// <summary>The program that started it, as it calls itself.</summary>
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
