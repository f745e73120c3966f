using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Halley.Server.Events;

/// <summary>
/// Reads the events in order and passes each to all listeners once. Events of this process arrive at once. Those of other instances arrive
/// with their notice, at the latest within a second.
/// </summary>
/// <remarks>
/// PostgreSQL assigns numbers before transactions end, so number 8 may be visible before number 7. The feed therefore waits for a missing
/// number: it locks the table for a moment in a mode that excludes inserting transactions. Every transaction that had a number by then has
/// ended, and a number that is still missing was rolled back. SQLite has one writer at a time and no such gaps.
/// </remarks>
internal sealed partial class EventFeed(
    IDbContextFactory<ServerDbContext> databases, EventWakeUp wakeUp, TimeProvider time, ILogger<EventFeed> logger) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _listening = new();
    private readonly List<EventSubscription> _listeners = [];
    private long _last = -1;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Starts listening to the events from now on.</summary>
    public EventSubscription Subscribe(EventTenant tenant, int capacity)
    {
        lock (_listening)
        {
            var listener = new EventSubscription(tenant, capacity, Math.Max(0, _last), Leave);
            _listeners.Add(listener);
            return listener;
        }
    }

    /// <summary>Passes on everything that has happened by now. Returns the number of the last event before which none is missing.</summary>
    public async Task<long> CatchUpAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (_last < 0)
            {
                // Events from before the start are not passed on.
                _last = await database.Set<EventRecord>().MaxAsync(record => (long?)record.Sequence, cancellationToken) ?? 0;
            }

            while (await ReadAsync(database, cancellationToken) == AtOnce)
            {
            }

            return _last;
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // the boundary of the loop: a database that is away now is asked again in a second
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }

            await wakeUp.WaitAsync(Poll, time, stoppingToken);
        }
    }

    private async Task<int> ReadAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var found = await NextAsync(database, cancellationToken);
        if (found.Count > 0 && database.Database.IsNpgsql() && found[^1].Sequence - _last != found.Count)
        {
            var complete = found[^1].Sequence;
            if (!await WaitForWritersAsync(database, cancellationToken))
            {
                // A writer takes long; the events before the first gap are in order all the same.
                found = [.. found.TakeWhile((record, index) => record.Sequence == _last + 1 + index)];
            }
            else
            {
                found = [.. (await NextAsync(database, cancellationToken)).Where(record => record.Sequence <= complete)];
            }
        }

        lock (_listening)
        {
            foreach (var record in found)
            {
                _last = record.Sequence;
                _listeners.ForEach(listener => listener.Offer(record));
            }
        }

        return found.Count;
    }

    private Task<List<EventRecord>> NextAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<EventRecord>().AsNoTracking().Where(record => record.Sequence > _last)
            .OrderBy(record => record.Sequence).Take(AtOnce).ToListAsync(cancellationToken);

    private static async Task<bool> WaitForWritersAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            // New writers queue behind this lock, so it must not wait long for a slow writer.
            await database.Database.ExecuteSqlRawAsync(
                """SET LOCAL lock_timeout = '500ms'; LOCK TABLE "Events" IN SHARE MODE""", cancellationToken);
            return true;
        }
        catch (PostgresException busy) when (busy.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            return false;
        }
    }

    private void Leave(EventSubscription listener)
    {
        lock (_listening)
        {
            _listeners.Remove(listener);
        }
    }

    [LoggerMessage(LogEvents.EventFeedFailed, LogLevel.Error, "Events could not be read; they are read again in a second")]
    private partial void LogFailed(Exception failure);
}
