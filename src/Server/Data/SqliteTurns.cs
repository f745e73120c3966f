using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

/// <summary>
/// Lets the writers of this process ask SQLite for its one write lock in the order in which they came. Waiters of SQLite poll: on a disk
/// with slow flushes the lock is free only for moments, and a waiter that misses all of them fails with "database is locked", although no
/// transaction took long. With turns only one of them polls, so it gets the lock as soon as the present writer is done.
/// </summary>
/// <remarks>
/// A turn lasts while SQLite is asked, not while a transaction is open. It is taken and given back in one method, so it cannot outlast a
/// transaction that fails, is cancelled or is never ended.
/// </remarks>
#pragma warning disable CA1001 // without a wait handle the semaphore holds nothing, and writers come until the very end of the host
internal sealed class SqliteTurns : DbCommandInterceptor, IDbTransactionInterceptor
#pragma warning restore CA1001
{
    // As long as SQLite itself waits. After that, a writer asks without a turn, so that nothing waits forever.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _turn = new(1);

    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default) =>
        result.HasResult
            ? result
            : InterceptionResult<DbTransaction>.SuppressWithResult(await TakeTurnAsync(
                () => connection.BeginTransactionAsync(eventData.IsolationLevel, cancellationToken).AsTask(), cancellationToken));

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        result.HasResult || !IsWriteOfItsOwn(command)
            ? result
            : InterceptionResult<int>.SuppressWithResult(await TakeTurnAsync(
                () => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken));

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default) =>
        result.HasResult || !IsWriteOfItsOwn(command)
            ? result
            : InterceptionResult<DbDataReader>.SuppressWithResult(await TakeTurnAsync(
                () => command.ExecuteReaderAsync(cancellationToken), cancellationToken));

    // A command within a transaction has the lock already.
    private static bool IsWriteOfItsOwn(DbCommand command)
    {
        var text = command.CommandText.AsSpan().TrimStart();
        return command.Transaction is null
            && !text.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("PRAGMA", StringComparison.OrdinalIgnoreCase);
    }

    private async Task<T> TakeTurnAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        var isMine = await _turn.WaitAsync(Longest, cancellationToken);
        try
        {
            return await ask();
        }
        finally
        {
            if (isMine)
            {
                _turn.Release();
            }
        }
    }
}
