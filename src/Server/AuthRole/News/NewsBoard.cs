using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.News;

/// <summary>What administrators tell the users of a tenant.</summary>
internal sealed class NewsBoard(IDbContextFactory<ServerDbContext> databases, OrganizationDirectory organizations, TimeProvider time)
{
    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<NewsItem>> ListAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().OrderByDescending(item => item.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Adds an item; a sentence that says why it cannot be, or the item.</summary>
    public async Task<(NewsItem? Item, string? Reason)> SubmitAsync(
        string text, string organizationId, TenantScope scope, CancellationToken cancellationToken)
    {
        var organization = organizationId.Length > 0 ? organizationId : scope.OrganizationId ?? "";
        if (!scope.Contains(organization) || !organizations.Exists(organization))
        {
            return (null, "There is no organization with this id.");
        }

        if (text.Trim().Length == 0 || text.Length > NewsItem.LongestText || text.Contains('\0', StringComparison.Ordinal))
        {
            return (null, $"A news item has 1 to {NewsItem.LongestText} characters.");
        }

        var now = time.GetUtcNow();
        var item = new NewsItem { Id = Guid.CreateVersion7(now), OrganizationId = organization, At = now.UtcDateTime, Text = text };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(item);
        await database.SaveChangesAsync(cancellationToken);
        return (item, null);
    }

    public async Task<bool> RemoveAsync(Guid id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).Where(item => item.Id == id).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    private static IQueryable<NewsItem> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<NewsItem>().Where(item => item.OrganizationId == organization)
        : database.Set<NewsItem>();
}

/// <summary>The news of a deleted tenant go with it.</summary>
internal sealed class NewsOfOrganization : OrganizationPart
{
    public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
        database.Set<NewsItem>().Where(item => item.OrganizationId == removal.OrganizationId).ExecuteDeleteAsync(cancellationToken);
}
