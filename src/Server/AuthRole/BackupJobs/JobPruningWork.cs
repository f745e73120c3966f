using Halley.Server.Data;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Removes jobs that are older than the settings allow, with their logs, in small batches so that no other writer waits long.
/// </summary>
internal sealed class JobPruningWork(IDbContextFactory<ServerDbContext> databases, ServerSettings settings, TimeProvider time)
{
    private const int AtOnce = 500;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var days = settings.Current.AuthenticationRole.PruneLogsAfterDays;
        if (days is <= 0 or > 100_000)
        {
            return;
        }

        var before = time.GetUtcNow().AddDays(-days).ToUnixTimeSeconds();
        int removed;
        do
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var old = database.Set<BackupJob>().Where(job => job.StartTime < before && job.EndTime != 0 && job.EndTime < before)
                .OrderBy(job => job.StartTime).Select(job => job.Id).Take(AtOnce);
            removed = await database.Set<BackupJob>().Where(job => old.Contains(job.Id)).ExecuteDeleteAsync(cancellationToken);
            await Task.Yield();
        }
        while (removed == AtOnce);
    }
}
