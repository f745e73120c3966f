using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Which names are those of administrators. Never answered to anybody: it only decides whose credentials to look at.</summary>
internal sealed class AdministratorNames(IDbContextFactory<ServerDbContext> databases, ILookupNormalizer normalizer)
{
    public async Task<bool> KnowsAsync(string username, CancellationToken cancellationToken)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return false;
        }

        var name = normalizer.NormalizeName(username);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Administrator>().AnyAsync(administrator => administrator.NormalizedUserName == name, cancellationToken);
    }
}
