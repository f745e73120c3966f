using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>How far work has come that goes through events or times in their order, so that a restart neither repeats nor forgets any.</summary>
internal sealed class ProgressMark
{
    public required string Name { get; set; }

    /// <summary>A sequence number or Unix seconds, as the work has it.</summary>
    public long Position { get; set; }
}

internal sealed class ProgressMarkMapping : IEntityTypeConfiguration<ProgressMark>
{
    public void Configure(EntityTypeBuilder<ProgressMark> builder)
    {
        builder.ToTable("ProgressMarks");
        builder.HasKey(mark => mark.Name);
        builder.Property(mark => mark.Name).HasMaxLength(64);
    }
}
