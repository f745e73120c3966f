using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Deletes the administrators of a deleted organization.</summary>
internal sealed class AdministratorsOfOrganization : OrganizationPart
{
    public override async Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken)
    {
        var administrators = database.Set<Administrator>().Where(administrator => administrator.OrganizationId == removal.OrganizationId);
        foreach (var name in await administrators.Select(administrator => administrator.UserName!).ToListAsync(cancellationToken))
        {
            database.Add(EventRecord.Of(StreamableEventType.AdminRemoved, removal.At, removal.Actor, removal.OrganizationId, name));
        }

        await administrators.ExecuteDeleteAsync(cancellationToken);
    }
}
