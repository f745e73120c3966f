using Halley.Protocol.Comet;
using Halley.Server.AuthRole.News;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi;

/// <summary>The vendor's calls about news for users.</summary>
internal sealed class NewsEndpoints(NewsBoard news)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<NewsEndpoints>("news/get-all", (api, call) => api.ListAsync(call.Scope, call));
        endpoints.MapCometUser<NewsEndpoints>("news/get-all", (api, call) => api.ListAsync(TenantScope.Of(call.Account.OrganizationId), call));
        endpoints.MapCometAdmin<NewsEndpoints>("news/submit", (api, call) => api.SubmitAsync(call));
        endpoints.MapCometAdmin<NewsEndpoints>("news/remove", (api, call) => api.RemoveAsync(call));
    }

    private async Task<object> ListAsync(TenantScope scope, CometCall call) =>
        (await news.ListAsync(scope, call.Aborted)).ToDictionary(item => item.Id.ToString(), ToWire);

    private async Task<object> SubmitAsync(CometCall call)
    {
        var (item, reason) = await news.SubmitAsync(call.Form.Text("NewsContent"), "", call.Scope, call.Aborted);
        return item is null ? CometErrors.BadRequest(reason!) : CometApiResponseMessage.Ok;
    }

    private async Task<object> RemoveAsync(CometCall call) =>
        Guid.TryParse(call.Form.Text("NewsItem"), out var id) && await news.RemoveAsync(id, call.Scope, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.NotFound("News item not found");

    private static NewsEntry ToWire(NewsItem item) => new()
    {
        OrganizationID = item.OrganizationId,
        DateTime = new DateTimeOffset(item.At).ToUnixTimeSeconds(),
        TextContent = item.Text,
    };
}
