using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Sessions;

namespace Halley.Server.CometApi;

/// <summary>The vendor's calls of a user about his own account.</summary>
internal sealed class UserWebEndpoints(AccountSessions sessions)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var root in new[] { "user/web", "user" })
        {
            endpoints.MapCometUserAt<UserWebEndpoints>($"{root}/session/start", (api, call) => api.StartSessionAsync(call), beforePasswordChange: true);
            endpoints.MapCometUserAt<UserWebEndpoints>($"{root}/session/revoke", (api, call) => api.RevokeSessionAsync(call), beforePasswordChange: true);
        }
    }

    private async Task<object> StartSessionAsync(CometCall call)
    {
        var (key, _) = await sessions.StartAsync(call.Account, SessionStart.By(call.Client, call.Origin.UserAgent), call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "user");
    }

    private async Task<object> RevokeSessionAsync(CometCall call)
    {
        if (call.Account.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(call.Account.Id, session, call.Account.Username, call.Aborted);
        return CometApiResponseMessage.Ok;
    }
}
