using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>Whole documents that somebody sends, under the rules for him.</summary>
internal sealed class ProfileSaving(ProfileStore profiles, AccountSessions sessions)
{
    /// <summary>
    /// A document from an administrator; of the items that a policy gives, those in <paramref name="deletions"/> may really go. One who may use
    /// <paramref name="allowedPolicies"/> only gives none but these, and leaves others where they are.
    /// </summary>
    public async Task<ProfileChange> SaveAsAdministratorAsync(
        string username, TenantScope scope, string? requiredHash, string actor, UserProfileConfig submitted,
        IReadOnlyCollection<string> deletions, IReadOnlyList<string>? allowedPolicies, CancellationToken cancellationToken)
    {
        var wasSuspended = false;
        var change = await profiles.ChangeAsync(
            username, scope, requiredHash, actor,
            (account, profile) =>
            {
                wasSuspended = account.IsSuspended;
                return submitted.PolicyID != account.PolicyId && allowedPolicies?.Contains(submitted.PolicyID) == false
                    ? "You may give users some policies only, and this is none of them."
                    : ProfileRules.ApplyFromAdministrator(account, profile, submitted);
            },
            deletions, cancellationToken);
        return await EndSessionsAsync(change, wasSuspended, actor, cancellationToken);
    }

    /// <summary>A change of single fields by an administrator. Whoever is suspended by it is out at once.</summary>
    public async Task<ProfileChange> EditAsync(
        string username, TenantScope scope, string actor, Func<UserProfileConfig, string?> edit, CancellationToken cancellationToken)
    {
        var wasSuspended = false;
        var change = await profiles.ChangeAsync(
            username, scope, null, actor,
            (account, profile) =>
            {
                wasSuspended = account.IsSuspended;
                return edit(profile);
            },
            cancellationToken);
        return await EndSessionsAsync(change, wasSuspended, actor, cancellationToken);
    }

    public Task<ProfileChange> SaveAsUserAsync(
        AccountIdentity user, string? requiredHash, UserProfileConfig submitted, CancellationToken cancellationToken) =>
        profiles.ChangeAsync(
            user.Username, TenantScope.Of(user.OrganizationId), requiredHash, user.Username,
            (account, profile) => ProfileRules.ApplyFromUser(account, profile, submitted), cancellationToken);

    private async Task<ProfileChange> EndSessionsAsync(ProfileChange change, bool wasSuspended, string actor, CancellationToken cancellationToken)
    {
        if (change.Stored is { Account: { IsSuspended: true } account } && !wasSuspended)
        {
            await sessions.EndAllAsync(account.Id, except: null, actor, cancellationToken);
        }

        return change;
    }
}
