using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Data;

/// <summary>Adapts the factory of the chosen database's context to the common base class.</summary>
internal sealed class ServerDbContextFactory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<ServerDbContext>
    where TContext : ServerDbContext
{
    public ServerDbContext CreateDbContext() => inner.CreateDbContext();

    public async Task<ServerDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await inner.CreateDbContextAsync(cancellationToken);
}
