using System.Security.Cryptography;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>
/// Changes passwords so that the secrets of the profile stay readable: with the old password, with the R-key that the server keeps, or
/// later with the R-key that a client sealed for the owner. Without any of them a change is rejected, because all secrets would be lost.
/// </summary>
internal sealed class AccountPasswordActions(
    AccountAccess access, AccountHashes hashes, KeptRKeys rKeys, ProfileStore profiles, AccountSessions sessions, TimeProvider time)
{
    private static readonly Refusal NotByPolicy = AccountRefusals.Invalid("The policy of this account does not allow password changes.");
    private static readonly Refusal NotText = AccountRefusals.Invalid("The password is not text.");
    private static readonly Refusal NoRKey = AccountRefusals.Invalid(
        "OldPassword is needed: the server has no R-key that would move the secrets of this profile to a new password.");

    private static readonly Refusal OtherSeal = AccountRefusals.Invalid(
        "The old password does not open every secret of the profile, and the others would be lost; change the password with a client.");

    /// <summary>
    /// Sets a password. For a request of the user, the policy must allow the change, and a forced change is then done; the user keeps the
    /// session of the request.
    /// </summary>
    /// <param name="oldPassword">The present password, or null.</param>
    public async Task<Refusal?> ResetAsync(
        AccountCaller caller, string newPassword, string? oldPassword, string? requiredHash, CancellationToken cancellationToken)
    {
        if (PasswordRule.ProblemWith(newPassword) is { } problem)
        {
            return AccountRefusals.Invalid(problem);
        }

        if (await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken) is not { Account: var seen } stored)
        {
            return AccountRefusals.NotFound;
        }

        if (caller.User is not null && IsForbidden(stored.Profile))
        {
            return NotByPolicy;
        }

        if (oldPassword is not null
            && AccountRefusals.Of(
                await access.ProveAsync(AccountCredential.OfPassword(caller.Username, oldPassword), caller.Address, cancellationToken))
                is { } refusal)
        {
            return refusal;
        }

        var kept = oldPassword is null ? rKeys.Open(seen.Id, seen.PasswordRecovery) : null;
        if (oldPassword is null && (seen.PasswordRecovery.Length == 0 || (KeptRKeys.IsKeptHere(seen.PasswordRecovery) && kept is null)))
        {
            return NoRKey;
        }

        var (done, keys) = await hashes.OfPasswordAsync(
            caller.Username, newPassword, oldPassword is null ? null : (seen.KdfVersion, oldPassword), caller.Address);
        using (keys)
        {
            if (keys is null)
            {
                return done ? NotText : AccountRefusals.Busy;
            }

            var change = await profiles.ChangeAsync(
                caller, requiredHash, (account, profile) => Apply(account, profile, seen.PasswordHash, keys, kept, caller),
                cancellationToken);
            CryptographicOperations.ZeroMemory(kept);
            return (await EndOtherSessionsAsync(caller, change, cancellationToken)).Refusal;
        }
    }

    /// <summary>
    /// Sets the L-key for a client that keeps its keys to itself: the new L-key and the profile with all secrets encrypted again are stored
    /// together or not at all.
    /// </summary>
    public async Task<Outcome<StoredProfile>> ChangeLKeyAsync(
        AccountIdentity user, string currentLKey, string newLKey, string? requiredHash, UserProfileConfig submitted,
        CancellationToken cancellationToken)
    {
        if (!PasswordRule.IsLKey(newLKey))
        {
            return AccountRefusals.Invalid(PasswordRule.LKeySentence);
        }

        if (AccountRefusals.Of(
            await access.ProveAsync(AccountCredential.OfLKey(user.Username, currentLKey), user.Address, cancellationToken))
            is { } refusal)
        {
            return refusal;
        }

        if (await hashes.OfLKeyAsync(newLKey, user.Address) is not { } hash)
        {
            return AccountRefusals.Busy;
        }

        var caller = new AccountCaller(user);
        var change = await profiles.ChangeAsync(
            caller,
            requiredHash,
            (account, profile) =>
            {
                if (IsForbidden(profile))
                {
                    return NotByPolicy;
                }

                if (ProfileRules.ApplyFromUser(account, profile, submitted) is { } problem)
                {
                    return AccountRefusals.Invalid(problem);
                }

                SetHash(account, profile, hash, isChangeDone: true);

                // The R-key that the server may have kept belongs to the old password.
                account.PasswordRecovery = KeptRKeys.IsKeptHere(account.PasswordRecovery) ? "" : account.PasswordRecovery;
                return null;
            },
            cancellationToken);
        return await EndOtherSessionsAsync(caller, change, cancellationToken);
    }

    // The policy never forbids a forced change.
    private static bool IsForbidden(UserProfileConfig profile) =>
        profile.Policy.PreventChangeAccountPassword && !profile.RequirePasswordChange;

    private Refusal? Apply(
        Account account, UserProfileConfig profile, string seenHash, PasswordKeys keys, byte[]? kept, AccountCaller caller)
    {
        if (account.PasswordHash != seenHash)
        {
            return AccountRefusals.Invalid("The password has just been changed by another request.");
        }

        var oldRKey = kept ?? keys.OldRKey;
        if (!oldRKey.IsEmpty)
        {
            if (!ProfileSecretsRewrap.TryMove(profile, oldRKey, keys.RKey, out var moved))
            {
                return OtherSeal;
            }

            profile.ReplaceWith(moved);

            // A copy that a client sealed for the owner holds the old R-key, which no longer protects anything.
            account.PasswordRecovery = KeptRKeys.IsKeptHere(account.PasswordRecovery) ? rKeys.Keep(account.Id, keys.RKey) : "";
        }

        SetHash(account, profile, keys.Hash, isChangeDone: caller.User is not null);
        return null;
    }

    private void SetHash(Account account, UserProfileConfig profile, string hash, bool isChangeDone)
    {
        (account.PasswordFormat, account.PasswordHash, account.KdfVersion) = (CredentialHasher.CurrentFormat, hash, AccountKeys.CurrentKdf);
        account.PasswordChangedAt = time.GetUtcNow().UtcDateTime;
        (account.FailedSignIns, account.LockedUntil) = (0, null);
        profile.RequirePasswordChange &= !isChangeDone;
    }

    private async Task<Outcome<StoredProfile>> EndOtherSessionsAsync(
        AccountCaller caller, Outcome<StoredProfile> change, CancellationToken cancellationToken)
    {
        if (change.TryGet(out var stored, out _))
        {
            await sessions.EndAllAsync(stored.Account.Id, except: caller.User?.SessionId, caller.Actor, cancellationToken);
        }

        return change;
    }
}
