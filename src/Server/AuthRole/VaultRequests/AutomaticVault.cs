using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// The vault that a new account gets by itself: by the template its profile names, else the one its policy does. An account without it is still
/// an account, so a vault that cannot be made is logged and can be requested later.
/// </summary>
internal sealed partial class AutomaticVault(VaultMaking making, ProfileStore profiles, HalleyOptions server, ILogger<AutomaticVault> logger)
{
    /// <summary>Makes the vault if one is due; true when it was made.</summary>
    /// <param name="reachedAt">The address under which whoever made the account reached this server; counts when none is set.</param>
    public async Task<bool> MakeAsync(StoredProfile stored, string actor, string reachedAt, CancellationToken cancellationToken)
    {
        var profile = stored.Profile;
        var template = profile.AutoStorageTemplateGUID.Length > 0 ? profile.AutoStorageTemplateGUID : profile.Policy.DefaultNewStorageVault;
        if (template.Length == 0 || profile.Destinations.Count > 0)
        {
            return false;
        }

        var scope = TenantScope.Of(stored.Account.OrganizationId);
        var self = server.PublicUrl is null ? reachedAt : "";
        var outcome = await making.RequestAsync(
            new VaultRequest(stored.Account.Username, scope, actor, template, self, DeviceId: "", RequiredHash: null), cancellationToken);
        if (outcome.Result != VaultRequestResult.Made)
        {
            LogNotMade(stored.Account.Username, template, outcome.Reason!);
            return false;
        }

        // Remembered, so that the account follows when the template is replaced by another one.
        await profiles.ChangeAsync(
            stored.Account.Username,
            scope,
            requiredHash: null,
            actor,
            made =>
            {
                made.AutoStorageTemplateGUID = template;
                return null;
            },
            cancellationToken);
        return true;
    }

    [LoggerMessage(LogEvents.AutomaticVaultNotMade, LogLevel.Warning, "Account {Username} did not get the vault of template {Template}: {Reason}")]
    private partial void LogNotMade(string username, string template, string reason);
}
