using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators.Tokens;

/// <summary>A credential of a program that acts for an administrator. It is 256 random bits; only the SHA-256 is stored.</summary>
internal sealed class ApiToken
{
    public const int LongestName = 100;

    public Guid Id { get; set; }

    public Guid AdministratorId { get; set; }

    public required string Name { get; set; }

    public required byte[] Hash { get; set; }

    /// <summary>Scopes, separated by spaces; see <see cref="TokenScopes"/>.</summary>
    public required string Scopes { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>UTC time from which the token is rejected; null if it does not expire.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>Last use, exact to about a minute.</summary>
    public DateTime? LastUsedAt { get; set; }

    public TokenInfo ToWire() => new(Id, Name, Scopes.Split(' '), CreatedAt, ExpiresAt, LastUsedAt);
}

internal sealed class ApiTokenMapping : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> builder)
    {
        builder.ToTable("AdministratorTokens");
        builder.Property(token => token.Id).ValueGeneratedNever();
        builder.Property(token => token.Name).HasMaxLength(ApiToken.LongestName);
        builder.Property(token => token.Hash).HasMaxLength(32);
        builder.Property(token => token.Scopes).HasMaxLength(200);
        builder.HasIndex(token => token.Hash).IsUnique();
        builder.HasOne<Administrator>().WithMany().HasForeignKey(token => token.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
