using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events;

/// <summary>Records events for the start of the server, with its version, and for its stop.</summary>
internal sealed class ServerLife(IDbContextFactory<ServerDbContext> databases, TimeProvider time) : IHostedService
{
    public static string Version { get; } = typeof(ServerLife).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        Add(database, StreamableEventType.ServerStarted, JsonSerializer.Serialize(new { Version }));
        await database.SaveChangesAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            Add(database, StreamableEventType.ServerShutdown, null);
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (Exception problem) when (problem is ObjectDisposedException or DbUpdateException { InnerException: ObjectDisposedException })
        {
            // A host that embeds the server may dispose of it while it stops; then there is no database to write to.
        }
    }

    private void Add(ServerDbContext database, StreamableEventType type, string? data) =>
        database.Add(EventRecord.Of(type, time.GetUtcNow(), actor: "", organizationId: "", resourceId: "", data));
}
