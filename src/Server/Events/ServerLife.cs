using System.Data.Common;
using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events;

/// <summary>Records events for the start of the server, with its version, and for its stop.</summary>
internal sealed partial class ServerLife(IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<ServerLife> logger)
    : IHostedService
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
            // Connections that did not end may have used up the time to stop. The event is recorded all the same.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await using var database = await databases.CreateDbContextAsync(last.Token);
            Add(database, StreamableEventType.ServerShutdown, null);
            await database.SaveChangesAsync(last.Token);
        }
        catch (Exception problem) when (problem is ObjectDisposedException or DbUpdateException { InnerException: ObjectDisposedException })
        {
            // A host that embeds the server may dispose of it while it stops; then there is no database to write to.
        }
        catch (Exception problem) when (problem is DbException or DbUpdateException { InnerException: DbException })
        {
            LogStopNotRecorded(problem); // a full disk must not turn an orderly stop into a failure
        }
    }

    private void Add(ServerDbContext database, StreamableEventType type, string? data) =>
        database.Add(EventRecord.Of(type, time.GetUtcNow(), actor: "", organizationId: "", resourceId: "", data));

    [LoggerMessage(LogEvents.StopNotRecorded, LogLevel.Warning, "The server stops, and its event log does not show it")]
    private partial void LogStopNotRecorded(Exception problem);
}
