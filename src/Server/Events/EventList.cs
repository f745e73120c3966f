using Halley.Protocol.Events;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events;

/// <summary>Reads past events, oldest first, up to the first gap.</summary>
internal sealed class EventList(IDbContextFactory<ServerDbContext> databases, EventFeed feed)
{
    public async Task<List<EventRecord>> ReadAsync(
        EventTenant tenant, long after, StreamableEventType? type, int count, CancellationToken cancellationToken)
    {
        // Beyond the feed's position, an event with a lower number may still be uncommitted, and the caller would miss it forever.
        var last = await feed.CatchUpAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var events = database.Set<EventRecord>().AsNoTracking().Where(record => record.Sequence > after && record.Sequence <= last);
        if (tenant.OrganizationId is { } organization)
        {
            events = events.Where(record => record.OrganizationId == organization);
        }

        if (type is { } only)
        {
            events = events.Where(record => record.Type == only);
        }

        return await events.OrderBy(record => record.Sequence).Take(count).ToListAsync(cancellationToken);
    }
}
