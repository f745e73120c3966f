using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Data;

/// <summary>
/// The one model for both databases. It names no entity: each feature folder maps its own with an IEntityTypeConfiguration and accesses
/// them by <see cref="DbContext.Set{TEntity}()"/>. Differences between the databases are in the two subclasses and in
/// <see cref="DatabaseErrors"/>.
/// </summary>
internal abstract class ServerDbContext(DbContextOptions options) : DbContext(options)
{
    private long _bytesBeside;

    /// <summary>Says that so many bytes will be stored with the next save without being in its rows, so that budgets count them.</summary>
    public void StoreBeside(long bytes) => _bytesBeside += bytes;

    /// <summary>The bytes of <see cref="StoreBeside"/>, each once.</summary>
    public long TakeBytesBeside() => Interlocked.Exchange(ref _bytesBeside, 0);

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ServerDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcTimeConverter>();
}

internal sealed class SqliteServerDbContext(DbContextOptions<SqliteServerDbContext> options) : ServerDbContext(options);

internal sealed class PostgresServerDbContext(DbContextOptions<PostgresServerDbContext> options) : ServerDbContext(options);
