using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events;

/// <summary>Removes old events in small batches, so that nobody waits long for the database.</summary>
internal sealed class EventPruningWork(IDbContextFactory<ServerDbContext> databases, EventOptions options, TimeProvider time)
{
    private const int AtOnce = 2000;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime.AddDays(-options.RetainedDays);
        int removed;
        do
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var old = database.Set<EventRecord>().Where(record => record.At < before)
                .OrderBy(record => record.At).Select(record => record.Sequence).Take(AtOnce);
            removed = await database.Set<EventRecord>().Where(record => old.Contains(record.Sequence))
                .ExecuteDeleteAsync(cancellationToken);
        }
        while (removed == AtOnce);
    }
}
