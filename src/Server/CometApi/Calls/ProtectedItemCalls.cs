using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about one protected item and its schedules, of administrators and of users.</summary>
internal sealed class ProtectedItemCalls(ProtectedItems items, FullProfiles profiles)
{
    private const string SourceId = "SourceID";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<ProtectedItemCalls>("get-protected-item-with-backup-rules", (api, call) => api.GetAsync(call, OfTarget(call)));
        endpoints.MapCometAdmin<ProtectedItemCalls>("set-protected-item-with-backup-rules", (api, call) => api.SetAsync(call, OfTarget(call)));
        endpoints.MapCometAdmin<ProtectedItemCalls>("delete-protected-item", (api, call) => api.DeleteAsync(call, OfTarget(call)));
        endpoints.MapCometUser<ProtectedItemCalls>("get-protected-item-with-backup-rules", (api, call) => api.GetAsync(call, ItemCaller.Of(call.Account)));
        endpoints.MapCometUser<ProtectedItemCalls>("set-protected-item-with-backup-rules", (api, call) => api.SetAsync(call, ItemCaller.Of(call.Account)));
        endpoints.MapCometUser<ProtectedItemCalls>("delete-protected-item", (api, call) => api.DeleteAsync(call, ItemCaller.Of(call.Account)));
    }

    private static ItemCaller OfTarget(CometCall call) =>
        new(call.Form.Text(UserCalls.TargetUser), call.Scope, call.Administrator.Username);

    private async Task<object> GetAsync(CometCall call, ItemCaller caller)
    {
        if (await items.FindAsync(caller, call.Form.Text(SourceId), call.Aborted) is not (var item, var rules, var stored))
        {
            return CometErrors.UnknownUser;
        }

        if (item is null)
        {
            return CometErrors.BadRequest("Protected Item not found");
        }

        await profiles.WithStatisticsAsync(stored, call.Aborted);
        return new ProtectedItemWithBackupRulesResponse { Source = item, BackupRules = rules, ProfileHash = stored.Hash };
    }

    private async Task<object> SetAsync(CometCall call, ItemCaller caller)
    {
        if (!call.Form.TryJson<SourceConfig>("Source", out var item))
        {
            return CometErrors.BadField("Source", "must be a SourceConfig as JSON");
        }

        if (!call.Form.TryJson<Dictionary<string, BackupRuleConfig>>("BackupRules", out var rules))
        {
            return CometErrors.BadField("BackupRules", "must be a map of BackupRuleConfig as JSON");
        }

        if (call.Form.Text(SourceId) is not { Length: > 0 } id)
        {
            return CometErrors.BadField(SourceId, "must name the protected item");
        }

        var hash = call.Form.Text("RequireHash");
        return ToAnswer(await items.SetAsync(caller, id, hash.Length > 0 ? hash : null, item, rules, call.Aborted));
    }

    private async Task<object> DeleteAsync(CometCall call, ItemCaller caller) =>
        ToAnswer(await items.DeleteAsync(caller, call.Form.Text(SourceId), call.Aborted));

    private static CometApiResponseMessage ToAnswer(ProfileChange change) =>
        change.Result == ProfileChangeResult.Saved ? CometApiResponseMessage.Ok : CometErrors.Of(AccountChange.Of(change));
}
