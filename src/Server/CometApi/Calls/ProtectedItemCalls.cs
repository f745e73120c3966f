using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about one protected item and its schedules, of administrators and of users.</summary>
internal sealed class ProtectedItemCalls(ProtectedItemActions items)
{
    private const string SourceId = "SourceID";

    public static void Map(CometMap<ProtectedItemCalls> map)
    {
        map.Admin("get-protected-item-with-backup-rules", "TargetUser, SourceID", (api, call) => api.GetAsync(call));
        map.Admin(
            "set-protected-item-with-backup-rules",
            "TargetUser, SourceID, RequireHash?, Source? json:SourceConfig, BackupRules? json:map[string]BackupRuleConfig",
            (api, call) => api.SetAsync(call));
        map.Admin("delete-protected-item", "TargetUser, SourceID", (api, call) => api.DeleteAsync(call));
        map.User("get-protected-item-with-backup-rules", "SourceID", (api, call) => api.GetAsync(call));
        map.User(
            "set-protected-item-with-backup-rules",
            "SourceID, RequireHash?, Source? json:SourceConfig, BackupRules? json:map[string]BackupRuleConfig",
            (api, call) => api.SetAsync(call));
        map.User("delete-protected-item", "SourceID", (api, call) => api.DeleteAsync(call));
    }

    private async Task<CometReply<ProtectedItemWithBackupRulesResponse>> GetAsync(CometCall call) =>
        (await items.FindAsync(call.Target, call.Form.Text(SourceId), call.Aborted)).TryGet(out var found, out var refusal)
            ? new ProtectedItemWithBackupRulesResponse { Source = found.Item, BackupRules = found.Rules, ProfileHash = found.Stored.Hash }
            : refusal;

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
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
        return CometErrors.OkOr(await items.SetAsync(call.Target, id, hash.Length > 0 ? hash : null, item, rules, call.Aborted));
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        CometErrors.OkOr(await items.DeleteAsync(call.Target, call.Form.Text(SourceId), call.Aborted));
}
