using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.News;

/// <summary><c>/api/v2/news</c>.</summary>
internal static class NewsApi
{
    public static void AddNews(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NewsActions>();
        builder.Services.AddSingleton<OrganizationPart, NewsOfOrganization>();
    }

    public static void MapNews(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("News").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.News, ListAsync);
        group.MapPost(Routes.News, PublishAsync);
        group.MapDelete(Routes.NewsItem, DeleteAsync);
    }

    private static async Task<Results<Ok<Page<NewsInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, NewsActions news, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        // The newest first, so the items after an id are older; ids are in the order of their times.
        var all = await news.ListAsync(caller.Scope, cancellationToken);
        var older = all.Where(item => after is null || string.CompareOrdinal(item.Id.ToString(), after) < 0)
            .OrderByDescending(item => item.Id.ToString(), StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(older, count, ToWire, item => item.Id.ToString()));
    }

    private static async Task<Results<Created<NewsInfo>, ProblemHttpResult>> PublishAsync(
        CreateNews request, Caller caller, NewsActions news, CancellationToken cancellationToken) =>
        (await news.PublishAsync(caller, request.Text ?? "", request.OrganizationId ?? "", cancellationToken))
            .TryGet(out var item, out var refusal)
            ? TypedResults.Created(Routes.ToNewsItem(item.Id.ToString()), ToWire(item))
            : refusal.ToProblem();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string newsId, Caller caller, NewsActions news, CancellationToken cancellationToken) =>
        await news.DeleteAsync(caller, newsId, cancellationToken) is { } refusal ? refusal.ToProblem() : TypedResults.NoContent();

    private static NewsInfo ToWire(NewsItem item) => new(item.Id.ToString(), item.Text, item.OrganizationId, item.At);

    /// <summary>The news of a deleted organization are deleted with it.</summary>
    private sealed class NewsOfOrganization : OrganizationPart
    {
        public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
            database.Set<NewsItem>().Where(item => item.OrganizationId == removal.OrganizationId).ExecuteDeleteAsync(cancellationToken);
    }
}
