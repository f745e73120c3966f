using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// A job of a device. The document is the whole record as callers get it, so that a million of them are sent without reading one; the
/// columns repeat what is searched by. <see cref="JobDocument"/> keeps both alike.
/// </summary>
internal sealed class BackupJob
{
    /// <summary>Longest id of a device, a protected item or a vault.</summary>
    public const int LongestId = 128;

    /// <summary>A GUID in lower case.</summary>
    public required string Id { get; set; }

    public Guid AccountId { get; set; }

    public required string Username { get; set; }

    /// <summary>Tenant of the account; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    public string DeviceId { get; set; } = "";

    public string SourceId { get; set; } = "";

    public string DestinationId { get; set; } = "";

    public JobClassification Classification { get; set; }

    public JobStatus Status { get; set; }

    /// <summary>Unix seconds.</summary>
    public long StartTime { get; set; }

    /// <summary>Unix seconds; 0 exactly while the status is a running one, so its index finds those.</summary>
    public long EndTime { get; set; }

    public long TotalFiles { get; set; }

    /// <summary>Bytes.</summary>
    public long TotalSize { get; set; }

    /// <summary>Bytes.</summary>
    public long UploadSize { get; set; }

    /// <summary>Bytes.</summary>
    public long DownloadSize { get; set; }

    /// <summary>Counter of the last report of progress that was taken; older ones that arrive later are not.</summary>
    public long Counter { get; set; }

    /// <summary>Unix seconds at which the device last told of it; 0 for jobs from before that was noted.</summary>
    public long ReportedAt { get; set; }

    /// <summary>Entries of the log that have arrived.</summary>
    public long LogEntries { get; set; }

    /// <summary>Counts the changes of the record, so that of two at the same time none is lost.</summary>
    public long Revision { get; set; }

    /// <summary>The <see cref="BackupJobDetail"/> as JSON.</summary>
    public required string Document { get; set; }
}

/// <summary>Whose jobs a caller may see: those of a tenant's accounts, or of one account.</summary>
internal readonly record struct JobScope(TenantScope Tenant, Guid? AccountId = null);

internal static class BackupJobQueries
{
    public static IQueryable<BackupJob> In(this IQueryable<BackupJob> jobs, JobScope scope)
    {
        if (scope.AccountId is { } account)
        {
            jobs = jobs.Where(job => job.AccountId == account);
        }

        return scope.Tenant.OrganizationId is { } organization ? jobs.Where(job => job.OrganizationId == organization) : jobs;
    }
}

internal sealed class BackupJobMapping : IEntityTypeConfiguration<BackupJob>
{
    public void Configure(EntityTypeBuilder<BackupJob> builder)
    {
        builder.ToTable("BackupJobs");
        builder.Property(job => job.Id).HasMaxLength(64);
        builder.Property(job => job.Username).HasMaxLength(Account.LongestName);
        builder.Property(job => job.OrganizationId).HasMaxLength(64);
        builder.Property(job => job.DeviceId).HasMaxLength(BackupJob.LongestId);
        builder.Property(job => job.SourceId).HasMaxLength(BackupJob.LongestId);
        builder.Property(job => job.DestinationId).HasMaxLength(BackupJob.LongestId);
        builder.Property(job => job.Revision).IsConcurrencyToken();
        builder.HasIndex(job => new { job.StartTime, job.Id });
        builder.HasIndex(job => job.EndTime);
        builder.HasIndex(job => new { job.AccountId, job.StartTime });
        builder.HasIndex(job => new { job.Username, job.StartTime });
        builder.HasIndex(job => new { job.OrganizationId, job.StartTime });
        builder.HasOne<Account>().WithMany().HasForeignKey(job => job.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
