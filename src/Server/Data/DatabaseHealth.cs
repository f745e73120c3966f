using Halley.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Data;

/// <summary>
/// Ready means that a change could be stored, not only that a connection opens or a query succeeds: a full or read-only disk still answers
/// queries. The result is kept for a moment, because anybody may ask.
/// </summary>
internal sealed class DatabaseHealth(
    IDbContextFactory<ServerDbContext> databases, DataDirectory directory, DatabaseFailures failures, DatabaseRoom room,
    TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private const int Seconds = 10;
    private (long At, HealthCheckResult Result)? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Kept)
        {
            return last.Result;
        }

        var result = failures.HappenedLately ? HealthCheckResult.Unhealthy("a change failed a moment ago")
            : await CheckAsync(cancellationToken);
        _last = (time.GetTimestamp(), result);
        return result;
    }

    private async Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Seconds);
        return await ProblemAsync(database, cancellationToken) is { } problem ? HealthCheckResult.Unhealthy(problem)
            : await room.IsScarceAsync(database, cancellationToken)
                ? HealthCheckResult.Degraded("little room is left; it is kept for sign-ins and restores")
                : HealthCheckResult.Healthy();
    }

    private async Task<string?> ProblemAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        if (database.Database.IsNpgsql())
        {
            // Takes a number of the next transaction, which a server that only reads, or cannot write its log, refuses.
            await database.Database.ExecuteSqlRawAsync("SELECT pg_current_xact_id()", cancellationToken);
            return null;
        }

        // An empty change writes nothing, but needs the right to write; the room on the disk is tried beside the database.
        await database.Database.ExecuteSqlRawAsync("BEGIN IMMEDIATE; ROLLBACK;", cancellationToken);
        return DataDirectory.WriteProblem(directory.Root)?.Message;
    }
}
