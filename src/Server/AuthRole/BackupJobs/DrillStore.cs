using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>Finds the last restore drills of devices, by an index that has nothing but drills.</summary>
internal static class DrillStore
{
    /// <summary>The last drill of each device of these accounts that has one.</summary>
    public static async Task<Dictionary<(Guid AccountId, string DeviceId), RestoreDrillStatus>> FindLastAsync(
        ServerDbContext database, IReadOnlyCollection<Guid> accounts, CancellationToken cancellationToken)
    {
        var ended = await database.Set<BackupJob>().AsNoTracking()
            .Where(job => job.Classification == JobClassification.RestoreDrill && accounts.Contains(job.AccountId) && job.EndTime > 0)
            .OrderByDescending(job => job.StartTime)
            .Select(job => new Drill(
                job.AccountId, job.DeviceId, job.DestinationId, job.Status, job.EndTime, job.TotalFiles, job.TotalSize))
            .ToListAsync(cancellationToken);
        return ended.Where(drill => drill.Says).GroupBy(drill => (drill.AccountId, drill.DeviceId))
            .ToDictionary(device => device.Key, device => StatusOf([.. device]));
    }

    private static RestoreDrillStatus StatusOf(List<Drill> newestFirst)
    {
        var last = newestFirst.DistinctBy(drill => drill.VaultId).OrderBy(drill => drill.IsProof).First(); // keeps their order
        var proof = newestFirst.Find(drill => drill.IsProof);
        return new RestoreDrillStatus(
            last.EndedAt, last.IsProof, last.Files, last.Bytes, last.VaultId, proof?.EndedAt);
    }

    private sealed record Drill(
        Guid AccountId, string DeviceId, string VaultId, JobStatus Status, long EndTime, long Files, long Bytes)
    {
        // One that was cut off says nothing about the backups.
        public bool Says => Status is not (JobStatus.Cancelled or JobStatus.Skipped or JobStatus.Abandoned);

        // One that found no snapshot to restore is a warning.
        public bool IsProof => Status.IsSuccess() && Files > 0;

        public DateTime EndedAt => DateTimeOffset.FromUnixTimeSeconds(EndTime).UtcDateTime;
    }
}
