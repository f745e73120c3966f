using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Changes administrators one at a time, so that two changes at once both count, and records that they were changed.</summary>
internal sealed class AdministratorChanges(IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    /// <summary>Runs <paramref name="change"/> on what is stored, again when somebody else was faster; null when the administrator is gone.</summary>
    public async Task<Administrator?> ChangeAsync(Guid id, string? actor, Action<Administrator> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var administrator = await database.Set<Administrator>().AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (administrator is null)
            {
                return null;
            }

            change(administrator);
            administrator.ConcurrencyStamp = Guid.NewGuid().ToString();
            database.Add(EventRecord.Of(
                StreamableEventType.AdminUpdated, time.GetUtcNow(), actor ?? administrator.UserName!, administrator.OrganizationId,
                administrator.UserName!));
            try
            {
                await database.SaveChangesAsync(cancellationToken);
                return administrator;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Changed or deleted meanwhile: look again.
            }
        }
    }

    public async Task<Administrator?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Administrator>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }
}
