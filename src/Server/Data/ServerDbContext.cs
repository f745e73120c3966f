using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Data;

/// <summary>
/// The one model for both databases. It names no entity: each feature folder maps its own with an IEntityTypeConfiguration and accesses
/// them by <see cref="DbContext.Set{TEntity}()"/>. Differences between the databases are in the two subclasses and in
/// <see cref="DatabaseErrors"/>.
/// </summary>
internal abstract class ServerDbContext(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ServerDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcTimeConverter>();
}

internal sealed class SqliteServerDbContext(DbContextOptions<SqliteServerDbContext> options) : ServerDbContext(options);

internal sealed class PostgresServerDbContext(DbContextOptions<PostgresServerDbContext> options) : ServerDbContext(options);
