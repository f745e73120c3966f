using Halley.Server.AuthRole.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The last backups of a protected item, stored separately because monitors request those of all accounts at once.</summary>
internal sealed class SourceStatus
{
    public Guid AccountId { get; set; }

    public required string SourceId { get; set; }

    /// <summary>Unix seconds at which the last backup started, ended or not.</summary>
    public long LastStartTime { get; set; }

    /// <summary>Unix seconds at which the job of <see cref="LastJob"/> started.</summary>
    public long LastJobStart { get; set; }

    /// <summary>Document of the last backup that has ended; empty before the first one.</summary>
    public string LastJob { get; set; } = "";

    /// <summary>Unix seconds at which the job of <see cref="LastSuccess"/> started.</summary>
    public long LastSuccessStart { get; set; }

    /// <summary>Document of the last backup that succeeded; empty before the first one.</summary>
    public string LastSuccess { get; set; } = "";
}

internal sealed class SourceStatusMapping : IEntityTypeConfiguration<SourceStatus>
{
    public void Configure(EntityTypeBuilder<SourceStatus> builder)
    {
        builder.ToTable("SourceStatuses");
        builder.HasKey(status => new { status.AccountId, status.SourceId });
        builder.Property(status => status.SourceId).HasMaxLength(BackupJob.LongestId);
        builder.HasOne<Account>().WithMany().HasForeignKey(status => status.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
