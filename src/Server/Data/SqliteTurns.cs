using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

/// <summary>
/// Runs the transactions of this process in the order in which they asked. SQLite has one writer at a time, and its waiters poll: on a disk
/// with slow flushes the lock is free only for moments. A waiter that misses all of them fails with "database is locked", although no
/// transaction took long.
/// </summary>
internal sealed class SqliteTurns : IDbTransactionInterceptor, IDbConnectionInterceptor, IDisposable
{
    // As long as SQLite itself waits. After that, a transaction tries without a turn, so that nothing blocks forever.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _turn = new(1);
    private DbConnection? _holder;

    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        if (await _turn.WaitAsync(Longest, cancellationToken))
        {
            Volatile.Write(ref _holder, connection);
        }

        return result;
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) => EndAsync(eventData);

    public Task TransactionRolledBackAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) => EndAsync(eventData);

    // A transaction that is disposed of without a commit or rollback, or never began, ends with its connection.
    public void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => End(connection);

    public Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        End(connection);
        return Task.CompletedTask;
    }

    public void Dispose() => _turn.Dispose();

    private Task EndAsync(TransactionEndEventData eventData)
    {
        End(eventData.Context?.Database.GetDbConnection());
        return Task.CompletedTask;
    }

    private void End(DbConnection? connection)
    {
        if (connection is not null && Interlocked.CompareExchange(ref _holder, null, connection) == connection)
        {
            _turn.Release();
        }
    }
}
