using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>The users of a deleted tenant go with it.</summary>
internal sealed class AccountsOfOrganization : OrganizationPart
{
    public override async Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken)
    {
        var accounts = database.Set<Account>().Where(account => account.OrganizationId == removal.OrganizationId);
        foreach (var username in await accounts.Select(account => account.Username).ToListAsync(cancellationToken))
        {
            database.Add(EventRecord.Of(StreamableEventType.AccountRemoved, removal.At, removal.Actor, removal.OrganizationId, username));
        }

        await accounts.ExecuteDeleteAsync(cancellationToken);
    }
}
