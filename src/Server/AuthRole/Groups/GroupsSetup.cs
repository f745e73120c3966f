using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Groups;

internal static class GroupsSetup
{
    public static void AddUserGroups(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UserGroups>();
        builder.Services.AddSingleton<OrganizationPart, GroupsOfOrganization>();
    }

    /// <summary>The groups of a deleted tenant go with it.</summary>
    private sealed class GroupsOfOrganization : OrganizationPart
    {
        public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
            database.Set<StoredUserGroup>().Where(group => group.OrganizationId == removal.OrganizationId).ExecuteDeleteAsync(cancellationToken);
    }
}
