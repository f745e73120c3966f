using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Forgets the last backups of protected items that a save removes from the profile: an item that no device backs up any more must not be
/// the reason why its account counts as failed.
/// </summary>
internal sealed class RemovedItems : ProfilePart
{
    public override async Task<string?> SaveAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken)
    {
        var known = await database.Set<SourceStatus>().Where(status => status.AccountId == save.Account.Id)
            .Select(status => status.SourceId).ToListAsync(cancellationToken);
        database.RemoveRange(known.Where(id => !save.Profile.Sources.ContainsKey(id))
            .Select(id => new SourceStatus { AccountId = save.Account.Id, SourceId = id }));
        return null;
    }
}
