using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Data;

/// <summary>
/// The answer to a request with an <c>Idempotency-Key</c>, kept for a day so that a repetition gets it again instead of doing the same
/// twice.
/// </summary>
internal sealed class IdempotentAnswer
{
    public const int LongestKey = 200;

    /// <summary>Who asked: kind and id. Two callers may use the same key.</summary>
    public required string Caller { get; set; }

    public required string Key { get; set; }

    /// <summary>
    /// SHA-256 of method and address; that of the body is with the answer. The same key with another request is a mistake of the client.
    /// </summary>
    public required byte[] RequestHash { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>HTTP status; null while the first request is still at work.</summary>
    public int? Status { get; set; }

    /// <summary>Headers and body of the answer, encrypted, because it may show a secret; null while there is none.</summary>
    public byte[]? Answer { get; set; }
}

internal sealed class IdempotentAnswerMapping : IEntityTypeConfiguration<IdempotentAnswer>
{
    public void Configure(EntityTypeBuilder<IdempotentAnswer> builder)
    {
        builder.ToTable("IdempotentAnswers");
        builder.HasKey(answer => new { answer.Caller, answer.Key });
        builder.Property(answer => answer.Caller).HasMaxLength(100);
        builder.Property(answer => answer.Key).HasMaxLength(IdempotentAnswer.LongestKey);
        builder.Property(answer => answer.RequestHash).HasMaxLength(32);
        builder.HasIndex(answer => answer.CreatedAt);
    }
}
