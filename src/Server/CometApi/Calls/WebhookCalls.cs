using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Events.Webhooks;
using Halley.Server.Hosting;
using Halley.Server.Settings;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about webhooks.</summary>
internal sealed class WebhookCalls(ServerSettings settings)
{
    private const string Options = "WebhookOptions";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<WebhookCalls>("meta/webhook-options/get", (api, call) => Task.FromResult(api.Get(call)));
        endpoints.MapCometAdmin<WebhookCalls>("meta/webhook-options/set", (api, call) => api.SetAsync(call));
    }

    private object Get(CometCall call) =>
        MayEdit(call) ? settings.Current.WebhookOptions : CometErrors.Unauthorised;

    private async Task<object> SetAsync(CometCall call)
    {
        if (!MayEdit(call))
        {
            return CometErrors.Unauthorised;
        }

        if (!call.Form.TryJson<Dictionary<string, WebhookOption>>(Options, out var options) || options is null)
        {
            return CometErrors.BadField(Options, "must be a map of webhooks as JSON");
        }

        return await settings.ChangeAsync(
            current =>
            {
                if (WebhookRules.Refuse(options) is { } reason)
                {
                    return reason;
                }

                current.WebhookOptions = options;
                return null;
            },
            call.Aborted) is { } refusal
            ? CometErrors.BadRequest(refusal)
            : CometApiResponseMessage.Ok;
    }

    private static bool MayEdit(CometCall call) => call.Administrator.Meets(Requires.TopLevel | Requires.EditWebhooks);
}
