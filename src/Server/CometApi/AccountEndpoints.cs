using Halley.Protocol.Comet;
using Halley.Server.Administrators;

namespace Halley.Server.CometApi;

/// <summary>The vendor's calls about the administrator who makes them, and about the first one.</summary>
internal sealed class AccountEndpoints(AdministratorSessions sessions, FirstAdministrator firstAdministrator)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<AccountEndpoints>("account/session-start", (api, call) => api.StartSessionAsync(call));
        endpoints.MapCometAdmin<AccountEndpoints>("account/session-revoke", (api, call) => api.RevokeSessionAsync(call));
        endpoints.MapCometOpen<AccountEndpoints>("admin/add-first-admin-user", (api, call) => api.AddFirstAdministratorAsync(call));
    }

    private async Task<object> StartSessionAsync(CometCall call)
    {
        var (key, _) = await sessions.StartAsync(call.Administrator.Id, call.Origin, call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "admin");
    }

    private async Task<object> RevokeSessionAsync(CometCall call)
    {
        if (call.Administrator.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(session, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<object> AddFirstAdministratorAsync(CometCall call)
    {
        var setUp = await firstAdministrator.CreateAsync(
            call.Header(CometCredentials.SetupToken), call.Form.Text("TargetUser"), call.Form.Text("TargetPassword"), call.Aborted);
        var reasons = string.Join(" ", setUp.Reasons);
        return setUp.Result switch
        {
            SetUpResult.Created => CometApiResponseMessage.Ok,
            SetUpResult.WrongToken or SetUpResult.AlreadySetUp => new CometApiResponseMessage(403, reasons),
            _ => CometErrors.BadRequest(reasons),
        };
    }
}
