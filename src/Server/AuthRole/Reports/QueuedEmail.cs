using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Reports;

/// <summary>An e-mail that is to be sent, kept until it is gone or has failed too often.</summary>
internal sealed class QueuedEmail
{
    public const int LongestKey = 512;
    public const int LongestAddress = 320;

    public Guid Id { get; set; }

    /// <summary>What it is about and to whom; unique, so that no report goes out twice, also when two instances make it.</summary>
    public required string Key { get; set; }

    /// <summary>Tenant whose settings it is sent with; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    public required string Recipient { get; set; }

    public required string Subject { get; set; }

    public required string Html { get; set; }

    public required string Text { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When it is tried next; an instance that tries it moves this on first, so that no other does.</summary>
    public DateTime DueAt { get; set; }

    public int Tries { get; set; }

    /// <summary>When it was sent or given up; the row stays a while, for its key.</summary>
    public DateTime? DoneAt { get; set; }
}

internal sealed class QueuedEmailMapping : IEntityTypeConfiguration<QueuedEmail>
{
    public void Configure(EntityTypeBuilder<QueuedEmail> builder)
    {
        builder.ToTable("QueuedEmails");
        builder.Property(email => email.Id).ValueGeneratedNever();
        builder.Property(email => email.Key).HasMaxLength(QueuedEmail.LongestKey);
        builder.Property(email => email.OrganizationId).HasMaxLength(64);
        builder.Property(email => email.Recipient).HasMaxLength(QueuedEmail.LongestAddress);
        builder.Property(email => email.Subject).HasMaxLength(1000);
        builder.HasIndex(email => email.Key).IsUnique();
        builder.HasIndex(email => new { email.DoneAt, email.DueAt });
    }
}
