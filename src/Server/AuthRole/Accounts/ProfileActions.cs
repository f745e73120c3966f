using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>
/// Operations on whole profiles: read, save, restore an older version. Every profile comes with the last jobs of its protected items. A
/// user gets its own profile without the hashes and secrets of its sign-in.
/// </summary>
internal sealed class ProfileActions(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, ProfileDocument documents, SourceStatusStore statuses,
    TimeProvider time)
{
    public const string OtherPoliciesOnly = "You may assign only certain policies to users, and this is not one of them.";
    private const int AtOnce = 100;

    public async Task<Outcome<StoredProfile>> FindAsync(AccountCaller caller, CancellationToken cancellationToken) =>
        await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken) is { } stored
            ? await ShowAsync(caller, stored, cancellationToken)
            : AccountRefusals.NotFound;

    /// <summary>The profiles of all accounts that the caller may see, some at a time.</summary>
    public async IAsyncEnumerable<StoredProfile> ListAsync(
        Caller caller, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in profiles.ListAsync(caller.Scope, cancellationToken).Chunk(AtOnce).WithCancellation(cancellationToken))
        {
            await FillAsync(batch, cancellationToken);
            foreach (var stored in batch)
            {
                yield return stored;
            }
        }
    }

    /// <summary>
    /// Stores a document, under the rules for the caller. An administrator with access to certain policies only may not assign others, and
    /// cannot change the policy of an account that has another one.
    /// </summary>
    /// <param name="deletions">
    /// Protected items of the policy that the change may really delete, by their ids there; for administrators.
    /// </param>
    public async Task<Outcome<StoredProfile>> SaveAsync(
        AccountCaller caller, string? requiredHash, UserProfileConfig submitted, CancellationToken cancellationToken,
        IReadOnlyCollection<string>? deletions = null)
    {
        var change = await profiles.ChangeAsync(
            caller,
            requiredHash,
            (account, profile) =>
            {
                var before = Protection.Of(account, profile);
                return Apply(caller, account, profile, submitted) is { } problem ? AccountRefusals.InvalidProfile(problem)
                    : caller.User?.HasFreshProof(time.GetUtcNow()) == false && Protection.Of(account, profile) != before
                        ? AccountRefusals.FreshSignInRequired
                    : null;
            },
            cancellationToken,
            deletions);
        return change.TryGet(out var stored, out var refusal) ? await ShowAsync(caller, stored, cancellationToken) : refusal;
    }

    /// <summary>The earlier versions of a profile, the newest first; without their documents.</summary>
    public async Task<Outcome<Page<ProfileVersionInfo>>> ListVersionsAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.FindIdAsync(caller, cancellationToken) is not { } accountId)
        {
            return AccountRefusals.NotFound;
        }

        return new Page<ProfileVersionInfo>(
            await database.Set<ProfileVersion>().Where(version => version.AccountId == accountId).OrderByDescending(version => version.Id)
                .Select(version => new ProfileVersionInfo(version.Id, version.Hash, version.SavedAt, version.SavedBy))
                    .ToListAsync(cancellationToken),
            Next: null);
    }

    /// <summary>
    /// Makes an earlier version the current one. Devices, suspension and sign-in stay as they are now. The replaced state becomes a version
    /// itself.
    /// </summary>
    public async Task<Outcome<StoredProfile>> RestoreAsync(AccountCaller caller, Guid versionId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var version = await database.Set<ProfileVersion>().AsNoTracking().Where(row => row.Id == versionId)
            .Join(
                database.Set<Account>().In(caller.Scope).Where(row => row.Username == caller.Username), row => row.AccountId, row => row.Id,
                (row, _) => row)
            .SingleOrDefaultAsync(cancellationToken);
        if (version is null)
        {
            return Refusal.NotFound("version_not_found", "The account has no version with this id.");
        }

        return await profiles.ChangeAsync(
            caller,
            requiredHash: null,
            (account, profile) =>
            {
                if (account.PasswordChangedAt > version.SavedAt)
                {
                    return AccountRefusals.InvalidProfile(
                        "The password has been changed since then; the secrets of this version are sealed with the old one.");
                }

                var before = CometJson.Copy(profile);
                profile.ReplaceWith(documents.Read(account, version.Document));
                (profile.Devices, profile.ServerConfig) = (before.Devices, before.ServerConfig);
                (profile.IsSuspended, profile.RequirePasswordChange) = (before.IsSuspended, before.RequirePasswordChange);
                return null;
            },
            cancellationToken);
    }

    /// <summary>Applies a submitted document under the rules for the caller. Returns why it is rejected, or null.</summary>
    public static string? Apply(AccountCaller caller, Account account, UserProfileConfig profile, UserProfileConfig submitted) =>
        caller.Administrator is not { } administrator ? ProfileRules.ApplyFromUser(account, profile, submitted)
        : submitted.PolicyID != account.PolicyId && administrator.Permissions.AllowedPolicies?.Contains(submitted.PolicyID) == false
            ? OtherPoliciesOnly
        : ProfileRules.ApplyFromAdministrator(account, profile, submitted);

    /// <summary>The settings that protect an account: sign-in, recovery after a lost password, and the recipients of reports.</summary>
    private sealed record Protection(bool ByPassword, bool ByCode, string Recovery, string Emails, bool SendsReports)
    {
        public static Protection Of(Account account, UserProfileConfig profile) => new(
            profile.AllowPasswordLogin, profile.AllowPasswordAndTOTPLogin, account.PasswordRecovery, string.Join('\n', profile.Emails),
            profile.SendEmailReports);
    }

    private async Task<StoredProfile> ShowAsync(AccountCaller caller, StoredProfile stored, CancellationToken cancellationToken)
    {
        await FillAsync([stored], cancellationToken);
        return caller.Administrator is { SeesNoSecrets: true } ? stored with { Profile = DocumentSecrets.Without(stored.Profile) }
            : caller.User is null ? stored
            : stored with { Profile = ProfileRules.MaskedForUser(stored.Profile) };
    }

    private Task FillAsync(IReadOnlyCollection<StoredProfile> stored, CancellationToken cancellationToken) =>
        statuses.FillAsync(stored, cancellationToken);
}
