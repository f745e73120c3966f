using Halley.Server.Access;
using Halley.Server.AuthRole.News;
using Halley.Server.AuthRole.Reports;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about news for users, and letters to them.</summary>
internal sealed class NewsCalls(NewsActions news, BulletinActions bulletins)
{
    public static void Map(CometMap<NewsCalls> map)
    {
        map.Admin("news/get-all", "", (api, call) => api.ListAsync(call.Scope, call));
        map.User("news/get-all", "", (api, call) => api.ListAsync(TenantScope.Of(call.Account.OrganizationId), call));
        map.Admin("news/submit", "NewsContent", (api, call) => api.SubmitAsync(call));
        map.Admin("news/remove", "NewsItem", (api, call) => api.RemoveAsync(call));
        map.Admin("bulletin/submit", "Subject, Content", (api, call) => api.SendBulletinAsync(call));
    }

    private async Task<CometReply<Dictionary<string, NewsEntry>>> ListAsync(TenantScope scope, CometCall call) =>
        (await news.ListAsync(scope, call.Aborted)).ToDictionary(item => item.Id.ToString(), ToWire);

    private async Task<CometApiResponseMessage> SubmitAsync(CometCall call) =>
        CometErrors.OkOr((await news.PublishAsync(call.Caller, call.Form.Text("NewsContent"), organizationId: "", call.Aborted)).Refusal);

    private async Task<CometApiResponseMessage> RemoveAsync(CometCall call) =>
        CometErrors.OkOr(await news.DeleteAsync(call.Caller, call.Form.Text("NewsItem"), call.Aborted));

    private async Task<CometApiResponseMessage> SendBulletinAsync(CometCall call) =>
        CometErrors.OkOr(await bulletins.SendAsync(call.Caller, call.Form.Text("Subject"), call.Form.Text("Content"), call.Aborted));

    private static NewsEntry ToWire(NewsItem item) => new()
    {
        OrganizationID = item.OrganizationId,
        DateTime = new DateTimeOffset(item.At).ToUnixTimeSeconds(),
        TextContent = item.Text,
    };
}
