using System.Text.Json;
using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Credentials;

/// <summary>A session of one kind of caller. Its key is 256 random bits; only the SHA-256 is stored.</summary>
internal abstract class CallerSession
{
    public Guid Id { get; set; }

    public Guid OwnerId { get; set; }

    public byte[] KeyHash { get; set; } = [];

    public DateTime StartedAt { get; set; }

    /// <summary>Last use, exact to about a minute.</summary>
    public DateTime LastUsedAt { get; set; }

    /// <summary>Time at which an unused session ends.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>Time at which the session ends even if it is used.</summary>
    public DateTime EndsAt { get; set; }

    /// <summary>The address that started the session.</summary>
    public string Address { get; set; } = "";

    /// <summary>The user agent of the program that started the session.</summary>
    public string UserAgent { get; set; } = "";

    /// <summary>The session as events about its start have it, without its key.</summary>
    public string ToEventData(string username, string kind) => JsonSerializer.Serialize(new
    {
        Username = username,
        SessionType = kind,
        StartTime = new DateTimeOffset(StartedAt).ToUnixTimeSeconds(),
        ExpireTime = new DateTimeOffset(ExpiresAt).ToUnixTimeSeconds(),
        IPAddress = Address,
        UserAgent,
    });

    /// <summary>The session as lists show it; <paramref name="current"/> is the session of the request.</summary>
    public SessionInfo ToWire(Guid? current) =>
        new(Id, StartedAt, LastUsedAt, ExpiresAt, EndsAt, Address, UserAgent, Current: Id == current);
}

/// <summary>Each kind of owner has its own table, so that sessions are deleted with their owner.</summary>
internal abstract class CallerSessionMapping<TSession, TOwner>(string table) : IEntityTypeConfiguration<TSession>
    where TSession : CallerSession
    where TOwner : class
{
    public virtual void Configure(EntityTypeBuilder<TSession> builder)
    {
        builder.ToTable(table);
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.Property(session => session.KeyHash).HasMaxLength(SessionKey.HashLength);
        builder.Property(session => session.Address).HasMaxLength(SessionOrigin.LongestAddress);
        builder.Property(session => session.UserAgent).HasMaxLength(SessionOrigin.LongestUserAgent);
        builder.HasIndex(session => session.KeyHash).IsUnique();
        builder.HasIndex(session => session.OwnerId);
        builder.HasIndex(session => session.ExpiresAt);
        builder.HasOne<TOwner>().WithMany().HasForeignKey(session => session.OwnerId).OnDelete(DeleteBehavior.Cascade);
    }
}
