using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.News;

/// <summary>News that administrators publish to the users of an organization.</summary>
internal sealed class NewsActions(IDbContextFactory<ServerDbContext> databases, OrganizationCache organizations, TimeProvider time)
{
    /// <summary>The items that a scope contains, the newest first.</summary>
    public async Task<IReadOnlyList<NewsItem>> ListAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().OrderByDescending(item => item.Id).ToListAsync(cancellationToken);
    }

    public async Task<Outcome<NewsItem>> PublishAsync(
        Caller caller, string text, string organizationId, CancellationToken cancellationToken)
    {
        var organization = organizationId.Length > 0 ? organizationId : caller.OrganizationId;
        if (!caller.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return Invalid("There is no organization with this id.");
        }

        if (text.Trim().Length == 0 || text.Length > NewsItem.LongestText || text.Contains('\0', StringComparison.Ordinal))
        {
            return Invalid($"A news item has 1 to {NewsItem.LongestText} characters.");
        }

        var now = time.GetUtcNow();
        var item = new NewsItem { Id = Guid.CreateVersion7(now), OrganizationId = organization, At = now.UtcDateTime, Text = text };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(item);
        await database.SaveChangesAsync(cancellationToken);
        return item;
    }

    /// <summary>Deletes an item; text that is not an id names none.</summary>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return Guid.TryParse(id, out var newsId)
            && await In(database, caller.Scope).Where(item => item.Id == newsId).ExecuteDeleteAsync(cancellationToken) > 0
                ? null
                : Refusal.NotFound("news_not_found", "There is no news item with this id.");
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("news_invalid", reason);

    private static IQueryable<NewsItem> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<NewsItem>().Where(item => item.OrganizationId == organization)
        : database.Set<NewsItem>();
}
