using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>The policy in events about a new or changed one.</summary>
internal sealed class PolicyOfEvent(IDbContextFactory<ServerDbContext> databases, PolicyDocument documents) : EventObject
{
    public override IReadOnlyCollection<StreamableEventType> Types { get; } =
        [StreamableEventType.PolicyNew, StreamableEventType.PolicyUpdated];

    public override async Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredPolicy>().AsNoTracking()
            .SingleOrDefaultAsync(policy => policy.Id == record.ResourceId, cancellationToken) is { } policy
            ? documents.Read(policy)
            : null;
    }
}
