using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>The profile in events about a new or changed account.</summary>
internal sealed class ProfileOfEvent(IDbContextFactory<ServerDbContext> databases, ProfileDocument documents) : EventObject
{
    public override IReadOnlyCollection<StreamableEventType> Types { get; } =
        [StreamableEventType.AccountNew, StreamableEventType.AccountUpdated];

    public override async Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().AsNoTracking()
            .SingleOrDefaultAsync(account => account.Username == record.ResourceId, cancellationToken) is { } account
            ? documents.Read(account)
            : null;
    }
}
