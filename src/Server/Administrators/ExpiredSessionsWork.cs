using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>
/// Removes sessions that have ended, only to keep the table small: they are rejected anyway. Any number of instances may run it.
/// </summary>
internal sealed partial class ExpiredSessionsWork(
    IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<ExpiredSessionsWork> logger)
{
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await database.Set<AdministratorSession>()
            .Where(session => session.ExpiresAt <= now || session.EndsAt <= now)
            .ExecuteDeleteAsync(cancellationToken);
        if (removed > 0)
        {
            LogRemoved(removed);
        }
    }

    [LoggerMessage(LogEvents.ExpiredSessionsRemoved, LogLevel.Debug, "{Count} ended session(s) removed")]
    private partial void LogRemoved(int count);
}
