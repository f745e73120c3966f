using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Reports;

/// <summary>An e-mail that waits to be sent, kept until it is sent or has failed too often.</summary>
internal sealed class QueuedEmail
{
    public const int LongestKey = 512;
    public const int LongestAddress = 320;

    public Guid Id { get; set; }

    /// <summary>Identifies content and recipient; unique, so that no report is sent twice, even when two instances make it.</summary>
    public required string Key { get; set; }

    /// <summary>Organization whose settings it is sent with; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    public required string Recipient { get; set; }

    public required string Subject { get; set; }

    public required string Html { get; set; }

    public required string Text { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>Time of the next attempt. An instance moves it forward before its attempt, so that no other instance sends it.</summary>
    public DateTime DueAt { get; set; }

    /// <summary>Attempts that failed, with the one that is being made; 0 once it was sent.</summary>
    public int Tries { get; set; }

    /// <summary>Time at which it was sent or abandoned; the row is kept for a while because of its key.</summary>
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
