using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.News;
using Halley.Server.AuthRole.Reports;
using Halley.Server.CometApi.Transport;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about news for users, and letters to them.</summary>
internal sealed class NewsCalls(NewsBoard news, Bulletins bulletins)
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

    private async Task<CometApiResponseMessage> SubmitAsync(CometCall call)
    {
        var (item, reason) = await news.SubmitAsync(call.Form.Text("NewsContent"), "", call.Scope, call.Aborted);
        return item is null ? CometErrors.BadRequest(reason!) : CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> RemoveAsync(CometCall call) =>
        Guid.TryParse(call.Form.Text("NewsItem"), out var id) && await news.RemoveAsync(id, call.Scope, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.NotFound("News item not found");

    private async Task<CometApiResponseMessage> SendBulletinAsync(CometCall call)
    {
        var (subject, content) = (call.Form.Text("Subject"), call.Form.Text("Content"));
        if (subject.Trim().Length == 0 || subject.Length > Bulletins.LongestSubject || subject.Any(char.IsControl))
        {
            return CometErrors.BadField("Subject", $"must be one line of 1 to {Bulletins.LongestSubject} characters");
        }

        if (content.Trim().Length == 0 || content.Length > Bulletins.LongestText)
        {
            return CometErrors.BadField("Content", $"must be text of 1 to {Bulletins.LongestText} characters");
        }

        await bulletins.SendAsync(subject, content, call.Scope, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private static NewsEntry ToWire(NewsItem item) => new()
    {
        OrganizationID = item.OrganizationId,
        DateTime = new DateTimeOffset(item.At).ToUnixTimeSeconds(),
        TextContent = item.Text,
    };
}
