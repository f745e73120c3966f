using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>The profiles as they were.</summary>
internal sealed class ProfileHistory(IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, ProfileDocument documents)
{
    /// <summary>The versions of an account, the newest first; without their documents.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Hash, DateTime SavedAt, string SavedBy)>> ListAsync(
        Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var versions = await database.Set<ProfileVersion>().AsNoTracking().Where(version => version.AccountId == accountId)
            .OrderByDescending(version => version.Id)
            .Select(version => new { version.Id, version.Hash, version.SavedAt, version.SavedBy })
            .ToListAsync(cancellationToken);
        return [.. versions.Select(version => (version.Id, version.Hash, version.SavedAt, version.SavedBy))];
    }

    /// <summary>
    /// Makes an older version the present one. What is not the document's business stays as it is now: devices, suspension, sign-in. The
    /// state that is replaced becomes a version itself.
    /// </summary>
    public async Task<ProfileChange> RestoreAsync(
        string username, TenantScope scope, Guid versionId, string? requiredHash, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var version = await database.Set<ProfileVersion>().AsNoTracking().Where(row => row.Id == versionId)
            .Join(database.Set<Account>().In(scope).Where(row => row.Username == username), row => row.AccountId, row => row.Id, (row, _) => row)
            .SingleOrDefaultAsync(cancellationToken);
        if (version is null)
        {
            return ProfileChange.NotFound;
        }

        return await profiles.ChangeAsync(
            username, scope, requiredHash, actor,
            (account, profile) =>
            {
                if (account.PasswordChangedAt > version.SavedAt)
                {
                    return "The password was changed since then: the secrets in that version are sealed with the old one, and nobody could open them.";
                }

                var before = CometJson.Copy(profile);
                profile.ReplaceBy(documents.Read(account, version.Document));
                (profile.Devices, profile.ServerConfig) = (before.Devices, before.ServerConfig);
                (profile.IsSuspended, profile.RequirePasswordChange) = (before.IsSuspended, before.RequirePasswordChange);
                return null;
            },
            cancellationToken);
    }
}
