using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Data;

/// <summary>
/// The response to a request with an <c>Idempotency-Key</c>, kept for a day. A repeated request gets it again instead of running twice.
/// </summary>
internal sealed class IdempotentAnswer
{
    public const int LongestKey = 200;

    /// <summary>Kind and id of the caller. Two callers may use the same key.</summary>
    public required string Caller { get; set; }

    public required string Key { get; set; }

    /// <summary>
    /// SHA-256 of method and address; the hash of the body is stored with the response. Using the same key for another request is a client
    /// error.
    /// </summary>
    public required byte[] RequestHash { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>HTTP status; null while the first request is running.</summary>
    public int? Status { get; set; }

    /// <summary>Headers and body of the response, encrypted because it may contain a secret; null while there is none.</summary>
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
