using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;
using Halley.Server.Settings;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about webhooks.</summary>
internal sealed class WebhookCalls(ServerSettings settings)
{
    private const string Options = "WebhookOptions";
    private const Requires Rights = Requires.TopLevel | Requires.EditWebhooks;

    public static void Map(CometMap<WebhookCalls> map)
    {
        map.Admin("meta/webhook-options/get", "", Rights, (api, _) => api.Get());
        map.Admin("meta/webhook-options/set", "WebhookOptions json:map[string]WebhookOption", Rights, (api, call) => api.SetAsync(call));
    }

    private CometReply<Dictionary<string, WebhookOption>> Get() => settings.Current.WebhookOptions;

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<Dictionary<string, WebhookOption>>(Options, out var options) || options is null)
        {
            return CometErrors.BadField(Options, "must be a map of webhooks as JSON");
        }

        return CometErrors.OkOr(await settings.ChangeAsync(
            current => current.WebhookOptions = options, call.Aborted, call.Administrator.Name));
    }
}
