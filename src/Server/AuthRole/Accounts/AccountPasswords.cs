using System.Net;
using System.Security.Cryptography;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Credentials;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Whose password becomes what, and what the caller shows for it.</summary>
internal sealed record PasswordReset(string Username, TenantScope Scope, string NewPassword)
{
    /// <summary>The present password, or null.</summary>
    public string? OldPassword { get; init; }

    /// <summary>The state of the profile the caller saw, or null.</summary>
    public string? RequiredHash { get; init; }

    public required string Actor { get; init; }

    /// <summary>The session that does not end; null when an administrator asks.</summary>
    public Guid? KeptSession { get; init; }

    /// <summary>True when the user himself asks: then his policy counts, and a forced change is done.</summary>
    public bool ByUser { get; init; }
}

/// <summary>
/// Changes passwords so that the secrets of the profile stay readable: by the old password, by the R-key the server keeps, or, when a client
/// sealed it with a recovery code, later by that. Without any of them a change is refused, because everything would be lost.
/// </summary>
internal sealed class AccountPasswords(
    AccountAccess access, AccountHashes hashes, AccountRecovery recovery, ProfileStore profiles, AccountSessions sessions, TimeProvider time)
{
    private const string NotByPolicy = "The policy of this account does not allow to change the password.";
    private const string NothingToResetBy =
        "OldPassword is needed: nothing is stored by which the keys in this profile could be moved to a new password.";

    private const string SealedOtherwise =
        "The profile has a secret that the old password does not open, so it would be lost; change the password with a client.";

    public async Task<AccountChange> ResetAsync(PasswordReset request, IPAddress? client, CancellationToken cancellationToken)
    {
        if (PasswordRule.ProblemWith(request.NewPassword) is { } problem)
        {
            return AccountChange.Refused(problem);
        }

        if (await profiles.FindAsync(request.Username, request.Scope, cancellationToken) is not { } stored)
        {
            return AccountChange.NotFound;
        }

        if (request.ByUser && IsForbidden(stored.Profile))
        {
            return AccountChange.Refused(NotByPolicy);
        }

        if (request.OldPassword is { } old && await RefuseAsync(request.Username, old, client, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var kept = request.OldPassword is null ? recovery.Open(stored.Account.Id, stored.Account.PasswordRecovery) : null;
        if (request.OldPassword is null && (stored.Account.PasswordRecovery.Length == 0 || (AccountRecovery.IsKeptHere(stored.Account.PasswordRecovery) && kept is null)))
        {
            return AccountChange.Refused(NothingToResetBy);
        }

        var (done, keys) = await hashes.OfPasswordAsync(
            request.Username, request.NewPassword, request.OldPassword is { } password ? (stored.Account.KdfVersion, password) : null, client);
        using (keys)
        {
            if (keys is null)
            {
                return done ? AccountChange.Refused("The password is not text.") : AccountChange.Busy;
            }

            var change = await profiles.ChangeAsync(
                request.Username, request.Scope, request.RequiredHash, request.Actor,
                (account, profile) => Apply(account, profile, stored.Account.PasswordHash, keys, kept, request.ByUser), cancellationToken);
            CryptographicOperations.ZeroMemory(kept);
            return await FinishAsync(change, request.KeptSession, request.Actor, cancellationToken);
        }
    }

    /// <summary>
    /// The change by a client that keeps its keys to itself: it sends the new L-key and the profile with all secrets sealed anew, and both are
    /// stored together or not at all.
    /// </summary>
    public async Task<AccountChange> ChangeAsync(
        AccountIdentity caller, AccountCredential current, string newLKey, string? requiredHash, UserProfileConfig submitted, IPAddress? client,
        CancellationToken cancellationToken)
    {
        if (!PasswordRule.IsLKey(newLKey))
        {
            return AccountChange.Refused(PasswordRule.LKeySentence);
        }

        var proof = await access.ProveAsync(current, client, cancellationToken);
        if (proof != AccountSignInResult.SignedIn)
        {
            return RefusalOf(proof);
        }

        if (await hashes.OfLKeyAsync(newLKey, client) is not { } hash)
        {
            return AccountChange.Busy;
        }

        var change = await profiles.ChangeAsync(
            caller.Username, TenantScope.Of(caller.OrganizationId), requiredHash, caller.Username,
            (account, profile) =>
            {
                if (IsForbidden(profile))
                {
                    return NotByPolicy;
                }

                if (ProfileRules.ApplyFromUser(account, profile, submitted) is { } refusal)
                {
                    return refusal;
                }

                SetHash(account, profile, hash, isChangeDone: true);
                // The R-key that the server may have kept is that of the old password.
                account.PasswordRecovery = AccountRecovery.IsKeptHere(account.PasswordRecovery) ? "" : account.PasswordRecovery;
                return null;
            },
            cancellationToken);
        return await FinishAsync(change, caller.SessionId, caller.Username, cancellationToken);
    }

    private async Task<AccountChange?> RefuseAsync(string username, string oldPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        var proof = await access.ProveAsync(AccountCredential.OfPassword(username, oldPassword), client, cancellationToken);
        return proof == AccountSignInResult.SignedIn ? null : RefusalOf(proof);
    }

    private static AccountChange RefusalOf(AccountSignInResult proof) => proof switch
    {
        AccountSignInResult.Busy => AccountChange.Busy,
        AccountSignInResult.PasswordsNotTaken => AccountChange.Refused("This server takes no passwords of users; change it with a client."),
        _ => new AccountChange(AccountChangeResult.WrongPassword, Reason: "The present password is wrong, or there were too many wrong tries."),
    };

    // A forced change is not one that a policy could have meant.
    private static bool IsForbidden(UserProfileConfig profile) => profile.Policy.PreventChangeAccountPassword && !profile.RequirePasswordChange;

    private string? Apply(Account account, UserProfileConfig profile, string seenHash, PasswordKeys keys, byte[]? kept, bool byUser)
    {
        if (account.PasswordHash != seenHash)
        {
            return "The password has just been changed by somebody else.";
        }

        var oldRKey = kept ?? keys.OldRKey;
        if (!oldRKey.IsEmpty)
        {
            if (!ProfileSecretsRewrap.TryMove(profile, oldRKey, keys.RKey))
            {
                return SealedOtherwise;
            }

            // What a client sealed with a recovery code is the R-key that nothing is sealed with any more.
            account.PasswordRecovery = AccountRecovery.IsKeptHere(account.PasswordRecovery) ? recovery.Keep(account.Id, keys.RKey) : "";
        }

        SetHash(account, profile, keys.Hash, byUser);
        return null;
    }

    private void SetHash(Account account, UserProfileConfig profile, string hash, bool isChangeDone)
    {
        (account.PasswordFormat, account.PasswordHash, account.KdfVersion) = (CredentialHasher.CurrentFormat, hash, AccountKeys.CurrentKdf);
        account.PasswordChangedAt = time.GetUtcNow().UtcDateTime;
        (account.FailedSignIns, account.LockedUntil) = (0, null);
        profile.RequirePasswordChange &= !isChangeDone;
    }

    private async Task<AccountChange> FinishAsync(ProfileChange change, Guid? keptSession, string actor, CancellationToken cancellationToken)
    {
        if (change.Stored is { } stored)
        {
            await sessions.EndAllAsync(stored.Account.Id, keptSession, actor, cancellationToken);
        }

        return AccountChange.Of(change);
    }
}
