using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>The rows of administrators. Changes of one administrator run one at a time, so no concurrent change is lost.</summary>
internal sealed class AdministratorStore(
    IDbContextFactory<ServerDbContext> databases, ILookupNormalizer normalizer, TimeProvider time)
{
    /// <summary>The administrators, ordered by name, that follow the name <paramref name="after"/>.</summary>
    public async Task<List<Administrator>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = database.Set<Administrator>().AsNoTracking();
        if (after is not null && Normalize(after) is { } start)
        {
            rows = rows.Where(row => row.NormalizedUserName!.CompareTo(start) > 0);
        }

        return await rows.OrderBy(row => row.NormalizedUserName).Take(limit).ToListAsync(cancellationToken);
    }

    public async Task<Administrator?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Administrator>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    public async Task<Administrator?> FindAsync(string username, CancellationToken cancellationToken)
    {
        if (Normalize(username) is not { } name)
        {
            return null;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Administrator>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.NormalizedUserName == name, cancellationToken);
    }

    /// <summary>
    /// The form in which names are compared. Returns null for text that can't be a name, because the time to normalize grows with the
    /// square of its length.
    /// </summary>
    public string? Normalize(string username) => Administrator.IsAcceptableName(username) ? normalizer.NormalizeName(username) : null;

    /// <summary>
    /// Runs <paramref name="change"/> on the stored row, and again if a concurrent change was saved first. Returns null if the
    /// administrator no longer exists. The event names <paramref name="actor"/>, or the administrator if there is none.
    /// </summary>
    public async Task<Administrator?> ChangeAsync(
        Guid id, string? actor, Action<Administrator> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var administrator = await database.Set<Administrator>().AsTracking()
                .SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
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
                // Changed or deleted by somebody else: read it again.
            }
        }
    }
}
