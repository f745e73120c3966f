using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.News;

/// <summary><c>/api/v2/news</c>.</summary>
internal static class NewsApi
{
    public static void AddNews(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NewsBoard>();
        builder.Services.AddSingleton<OrganizationPart, NewsOfOrganization>();
    }

    public static void MapNews(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("News").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.News, ListAsync);
        group.MapPost(Routes.News, SubmitAsync);
        group.MapDelete(Routes.NewsItem, RemoveAsync);
    }

    private static async Task<Results<Ok<Page<NewsInfo>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, NewsBoard news, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        // Newest first, so what comes after an id is older; ids are in the order of their times.
        var all = await news.ListAsync(TenantScope.OfCaller(caller), cancellationToken);
        var older = all.Where(item => after is null || string.CompareOrdinal(item.Id.ToString(), after) < 0)
            .OrderByDescending(item => item.Id.ToString(), StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(older, count, ToWire, item => item.Id.ToString()));
    }

    private static async Task<Results<Created<NewsInfo>, ProblemHttpResult>> SubmitAsync(
        CreateNews request, ClaimsPrincipal caller, NewsBoard news, CancellationToken cancellationToken)
    {
        var (item, reason) = await news.SubmitAsync(request.Text ?? "", request.OrganizationId ?? "", TenantScope.OfCaller(caller), cancellationToken);
        return item is not null ? TypedResults.Created($"{Routes.News}/{item.Id}", ToWire(item)) : Problems.BadRequest("news_invalid", reason!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string newsId, ClaimsPrincipal caller, NewsBoard news, CancellationToken cancellationToken) =>
        Guid.TryParse(newsId, out var id) && await news.RemoveAsync(id, TenantScope.OfCaller(caller), cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("news_not_found", "There is no news item with this id.");

    private static NewsInfo ToWire(NewsItem item) => new(item.Id.ToString(), item.Text, item.OrganizationId, item.At);
}
