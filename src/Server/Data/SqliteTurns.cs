using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

/// <summary>
/// Gives the transactions of this process their turns in the order in which they asked. SQLite has one writer at a time, and its
/// waiters poll: on a disk that flushes slowly the lock is free for moments only, and a waiter that misses all of them fails with
/// "database is locked" although no transaction took long.
/// </summary>
internal sealed class SqliteTurns : IDbTransactionInterceptor, IDbConnectionInterceptor, IDisposable
{
    // As long as SQLite itself waits. A transaction that has waited so long takes its chance there, so that nothing stands still for good.
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

    // A transaction that is disposed of without an end, or never began, ends with its connection.
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
