using Halley.Server.Data;
using Halley.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tests.Data;

public sealed class SqliteTurnsTests : IAsyncLifetime, IDisposable
{
    // Keeps the lock for a while, as a slow flush does.
    private const string SlowWrite =
        """
        INSERT INTO Numbers SELECT MAX(n) FROM (
            WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 100000) SELECT n FROM counter)
        """;

    // Far less than the time after which a writer gives up its turn.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteTurns _turns = new();
    private DbContextOptions<SqliteServerDbContext> _options = default!;

    public async Task InitializeAsync()
    {
        _options = new DbContextOptionsBuilder<SqliteServerDbContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = _directory.Combine("turns.db") }.ToString())
            .AddInterceptors(new SqlitePragmas(), _turns)
            .Options;
        await using var database = Open();
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = wal");
        await database.Database.ExecuteSqlRawAsync("CREATE TABLE Numbers (Value INTEGER)");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writers_are_served_in_turn_on_a_slow_disk(bool inTransactions)
    {
        const int writers = 6;
        const int each = 6;
        var written = 0;
        var mostOvertaken = 0;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await using var database = Open();
                var before = Volatile.Read(ref written);
                if (inTransactions)
                {
                    await using var transaction = await database.Database.BeginTransactionAsync();
                    await database.Database.ExecuteSqlRawAsync(SlowWrite);
                    await transaction.CommitAsync();
                }
                else
                {
                    await database.Database.ExecuteSqlRawAsync(SlowWrite);
                }

                var overtaken = Interlocked.Increment(ref written) - before - 1;
                InterlockedMax(ref mostOvertaken, overtaken);
            }
        })));

        Assert.Equal(writers * each, await CountAsync());
        // The others before it in the queue, the one that has the lock, and one that ended but was not counted yet.
        Assert.InRange(mostOvertaken, 1, writers + 1);
    }

    [Theory]
    [InlineData("committed")]
    [InlineData("rolled back")]
    [InlineData("disposed of")]
    [InlineData("left open by its context")]
    [InlineData("left open by its connection")]
    [InlineData("failed")]
    [InlineData("cancelled before it began")]
    [InlineData("refused because there is one already")]
    public async Task The_next_writer_is_served_however_a_transaction_ends(string end)
    {
        await using (var database = Open())
        {
            var cancellation = new CancellationToken(canceled: end.StartsWith("cancelled", StringComparison.Ordinal));
            if (cancellation.IsCancellationRequested)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Database.BeginTransactionAsync(cancellation));
            }
            else
            {
                var transaction = await database.Database.BeginTransactionAsync();
                await (end switch
                {
                    "committed" => transaction.CommitAsync(),
                    "rolled back" => transaction.RollbackAsync(),
                    "disposed of" => transaction.DisposeAsync().AsTask(),
                    "left open by its connection" => database.Database.GetDbConnection().CloseAsync(),
                    "failed" => Assert.ThrowsAsync<SqliteException>(() => FailAsync(database)),
                    "refused because there is one already" =>
                        Assert.ThrowsAsync<InvalidOperationException>(() => database.Database.BeginTransactionAsync()),
                    _ => Task.CompletedTask,
                });
            }
        }

        await WriteAsync().WaitAsync(Soon);
        await using var other = Open();
        await Assert.ThrowsAsync<SqliteException>(() => FailAsync(other));
        await WriteAsync().WaitAsync(Soon);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task A_writer_that_leaves_the_queue_does_not_block_it()
    {
        await using var holder = Open();
        var held = await holder.Database.BeginTransactionAsync();
        var polling = Task.Run(WriteAsync);
        using var leaving = new CancellationTokenSource();
        var left = Task.Run(async () =>
        {
            await using var database = Open();
            await database.Database.BeginTransactionAsync(leaving.Token);
        });
        var waiting = Task.Run(WriteAsync);

        await leaving.CancelAsync();
        await held.CommitAsync();

        await Task.WhenAll(polling, waiting).WaitAsync(Soon);
        // It may have begun before it was cancelled.
        await Task.WhenAny(left).WaitAsync(Soon);
        Assert.Equal(2, await CountAsync());
        await WriteAsync().WaitAsync(Soon);
    }

    private async Task WriteAsync()
    {
        await using var database = Open();
        await using var transaction = await database.Database.BeginTransactionAsync();
        await database.Database.ExecuteSqlRawAsync("INSERT INTO Numbers VALUES (1)");
        await transaction.CommitAsync();
    }

    private static Task<int> FailAsync(SqliteServerDbContext database) =>
        database.Database.ExecuteSqlRawAsync("INSERT INTO Nothing VALUES (1)");

    private async Task<int> CountAsync()
    {
        await using var database = Open();
        return await database.Database.SqlQueryRaw<int>("SELECT COUNT(*) AS Value FROM Numbers").SingleAsync();
    }

    private SqliteServerDbContext Open() => new(_options);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
