using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Reports;

/// <summary>How far the making of reports has come, so that a restart neither repeats nor forgets any.</summary>
internal sealed class ReportProgress
{
    /// <summary>The last event that reports sent at once were made for.</summary>
    public const string AtOnce = "at once";

    /// <summary>The Unix second up to which scheduled reports were made.</summary>
    public const string Scheduled = "scheduled";

    public required string Name { get; set; }

    public long Position { get; set; }
}

internal sealed class ReportProgressMapping : IEntityTypeConfiguration<ReportProgress>
{
    public void Configure(EntityTypeBuilder<ReportProgress> builder)
    {
        builder.ToTable("ReportProgress");
        builder.HasKey(progress => progress.Name);
        builder.Property(progress => progress.Name).HasMaxLength(32);
    }
}
