using System.Runtime.CompilerServices;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>Profiles as monitoring reads them: with the last jobs of every protected item, which are not stored in the profile.</summary>
internal sealed class FullProfiles(IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, SourceStatuses statuses)
{
    private const int AtOnce = 100;

    public async Task<StoredProfile?> FindAsync(string username, TenantScope scope, CancellationToken cancellationToken) =>
        await profiles.FindAsync(username, scope, cancellationToken) is { } stored ? await WithStatisticsAsync(stored, cancellationToken) : null;

    public async IAsyncEnumerable<StoredProfile> ListAsync(TenantScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in profiles.ListAsync(scope, cancellationToken).Chunk(AtOnce).WithCancellation(cancellationToken))
        {
            await statuses.FillAsync(batch, cancellationToken);
            foreach (var stored in batch)
            {
                yield return stored;
            }
        }
    }

    public async Task<IReadOnlyList<string>> ListNamesAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().In(scope).OrderBy(account => account.Username).Select(account => account.Username)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The same profile, with statistics.</summary>
    public async Task<StoredProfile> WithStatisticsAsync(StoredProfile stored, CancellationToken cancellationToken)
    {
        await statuses.FillAsync([stored], cancellationToken);
        return stored;
    }
}
