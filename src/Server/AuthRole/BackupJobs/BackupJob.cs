using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// A job of a device. The document is the whole record as callers get it, so that a million of them are sent without parsing one; the
/// columns repeat the fields that searches use. <see cref="JobDocument"/> keeps both consistent.
/// </summary>
internal sealed class BackupJob
{
    /// <summary>Longest id of a device, a protected item or a vault.</summary>
    public const int LongestId = 128;

    /// <summary>A GUID in lower case.</summary>
    public required string Id { get; set; }

    public Guid AccountId { get; set; }

    public required string Username { get; set; }

    /// <summary>Organization of the account; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    public string DeviceId { get; set; } = "";

    public string SourceId { get; set; } = "";

    public string DestinationId { get; set; } = "";

    public JobClassification Classification { get; set; }

    public JobStatus Status { get; set; }

    /// <summary>Unix seconds.</summary>
    public long StartTime { get; set; }

    /// <summary>Unix seconds; 0 exactly while the job is running, so its index finds running jobs.</summary>
    public long EndTime { get; set; }

    public long TotalFiles { get; set; }

    /// <summary>Bytes.</summary>
    public long TotalSize { get; set; }

    /// <summary>Bytes.</summary>
    public long UploadSize { get; set; }

    /// <summary>Bytes.</summary>
    public long DownloadSize { get; set; }

    /// <summary>Counter of the last accepted progress report; reports with lower counters are ignored.</summary>
    public long Counter { get; set; }

    /// <summary>Unix seconds of the last report by the device; 0 for jobs from before this was recorded.</summary>
    public long ReportedAt { get; set; }

    /// <summary>Entries of the log that have arrived.</summary>
    public long LogEntries { get; set; }

    /// <summary>Counts the changes of the record, so that no concurrent change is lost.</summary>
    public long Revision { get; set; }

    /// <summary>The <see cref="BackupJobDetail"/> as JSON.</summary>
    public required string Document { get; set; }
}

/// <summary>The account that a job belongs to.</summary>
internal sealed record JobOwner(Guid AccountId, string Username, string OrganizationId);

/// <summary>The jobs that a caller may see: those of an organization's accounts, or of one account.</summary>
internal readonly record struct JobScope(TenantScope Tenant, Guid? AccountId = null)
{
    public static JobScope Of(Caller caller) => new(caller.Scope);

    public static JobScope Of(AccountIdentity user) => new(TenantScope.Of(user.OrganizationId), user.Id);
}

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
        builder.HasIndex(job => new { job.AccountId, job.DeviceId, job.StartTime })
            .HasFilter($"\"Classification\" = {(long)JobClassification.RestoreDrill}");
        builder.HasIndex(job => new { job.OrganizationId, job.StartTime });
        builder.HasOne<Account>().WithMany().HasForeignKey(job => job.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
