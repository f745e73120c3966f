using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>A part of a job's log, as it arrived.</summary>
internal sealed class JobLogChunk
{
    public required string JobId { get; set; }

    /// <summary>Number of its first entry in the whole log, from 0: a part that is sent twice is stored once.</summary>
    public long FirstEntry { get; set; }

    /// <summary>Entries as JSON, one per line, compressed with Brotli.</summary>
    public required byte[] Content { get; set; }
}

internal sealed class JobLogChunkMapping : IEntityTypeConfiguration<JobLogChunk>
{
    public void Configure(EntityTypeBuilder<JobLogChunk> builder)
    {
        builder.ToTable("BackupJobLogs");
        builder.HasKey(chunk => new { chunk.JobId, chunk.FirstEntry });
        builder.Property(chunk => chunk.JobId).HasMaxLength(64);
        builder.HasOne<BackupJob>().WithMany().HasForeignKey(chunk => chunk.JobId).OnDelete(DeleteBehavior.Cascade);
    }
}
