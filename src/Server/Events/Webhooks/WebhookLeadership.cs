using System.Data.Common;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events.Webhooks;

/// <summary>
/// Sees to it that of several instances on one database a single one tells webhooks. The right to do so is a lock that lives as long as a
/// connection: an instance that dies gives it back, and another one takes it with its next try.
/// </summary>
internal sealed class WebhookLeadership(IDbContextFactory<ServerDbContext> databases) : IAsyncDisposable
{
    // Any number serves as long as nothing else in the database takes it: "webhook" as bytes.
    private const long AdvisoryLock = 0x776562686f6f6b;
    private ServerDbContext? _holding;

    /// <summary>True while this instance is the one; to be asked again every few seconds.</summary>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_holding is not null)
            {
                await _holding.Database.ExecuteSqlRawAsync("SELECT 1", cancellationToken);
                return true;
            }

            var database = await databases.CreateDbContextAsync(cancellationToken);
            if (!database.Database.IsNpgsql())
            {
                // A SQLite database belongs to one server.
                await database.DisposeAsync();
                return true;
            }

            _holding = database;
            await database.Database.OpenConnectionAsync(cancellationToken);
            if (await database.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_lock({AdvisoryLock}) AS "Value" """).SingleAsync(cancellationToken))
            {
                return true;
            }
        }
        catch (Exception lost) when (lost is DbException or InvalidOperationException)
        {
            // Without its connection the lock is gone too.
        }

        await DisposeAsync();
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        var holding = _holding;
        _holding = null;
        if (holding is null)
        {
            return;
        }

        try
        {
            // The connection goes back to a pool, which would keep the lock.
            await holding.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock})");
        }
        catch (Exception lost) when (lost is DbException or InvalidOperationException)
        {
            // The server has dropped the connection, and the lock with it.
        }

        await holding.DisposeAsync();
    }
}
