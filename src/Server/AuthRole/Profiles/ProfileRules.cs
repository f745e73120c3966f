using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// Applies a submitted document to the stored one. Fields that belong to the server keep their values silently, because every client sends
/// all of them back; any other change that is not allowed is rejected with a reason.
/// </summary>
internal static class ProfileRules
{
    /// <summary>Longest text in which a client seals the R-key for the owner of the account.</summary>
    public const int LongestRecovery = 10_000;

    /// <summary>
    /// Applies a document from an administrator, which may change everything but the fields of the server. Returns why it is rejected, or
    /// null.
    /// </summary>
    public static string? ApplyFromAdministrator(Account account, UserProfileConfig stored, UserProfileConfig submitted)
    {
        var before = CometJson.Copy(stored);
        stored.ReplaceWith(submitted);
        KeepServerFields(stored, before);
        if (KeepOrSetHash(account, submitted) is { } refusal)
        {
            return refusal;
        }

        return SetRecovery(account, submitted) ?? ProblemWithSignIn(account, stored) ?? ProfileLimits.ProblemWith(stored);
    }

    /// <summary>Applies a document from the user itself, to which the current policy applies.</summary>
    public static string? ApplyFromUser(Account account, UserProfileConfig stored, UserProfileConfig submitted)
    {
        var before = CometJson.Copy(stored);
        stored.ReplaceWith(submitted);
        KeepServerFields(stored, before);
        KeepAdministratorFields(stored, before);
        return ProblemWithUserDevices(stored, before)
            ?? UserPolicyRules.ProblemWith(stored, before)
            ?? SetRecovery(account, submitted)
            ?? ProblemWithSignIn(account, stored)
            ?? ProfileLimits.ProblemWith(stored);
    }

    /// <summary>The document as everyone but an administrator sees it.</summary>
    public static UserProfileConfig MaskedForUser(UserProfileConfig profile)
    {
        var masked = CometJson.Copy(profile);
        (masked.PasswordFormat, masked.PasswordHash) = (0, "");
        (masked.TOTPKeyEncryptionFormat, masked.TOTPKey) = (0, "");
        return masked;
    }

    private static void KeepServerFields(UserProfileConfig stored, UserProfileConfig before)
    {
        (stored.Username, stored.OrganizationID) = (before.Username, before.OrganizationID);
        (stored.CreateTime, stored.CreationGUID, stored.LastSuspended) = (before.CreateTime, before.CreationGUID, before.LastSuspended);
        (stored.PasswordFormat, stored.PasswordHash, stored.PasswordRecovery) =
            (before.PasswordFormat, before.PasswordHash, before.PasswordRecovery);
        (stored.TOTPKeyEncryptionFormat, stored.TOTPKey) = (before.TOTPKeyEncryptionFormat, before.TOTPKey);
        (stored.ServerConfig, stored.SupportsDeviceAssociations) = (before.ServerConfig, true);
        foreach (var (id, device) in stored.Devices)
        {
            if (before.Devices.TryGetValue(id, out var known) && device is not null)
            {
                device.RegistrationTime = known.RegistrationTime;
            }
        }
    }

    private static void KeepAdministratorFields(UserProfileConfig stored, UserProfileConfig before)
    {
        (stored.GroupID, stored.PolicyID, stored.Policy) = (before.GroupID, before.PolicyID, before.Policy);
        (stored.IsSuspended, stored.RequirePasswordChange, stored.MaximumDevices) =
            (before.IsSuspended, before.RequirePasswordChange, before.MaximumDevices);
        (stored.AllProtectedItemsQuotaEnabled, stored.AllProtectedItemsQuotaBytes) =
            (before.AllProtectedItemsQuotaEnabled, before.AllProtectedItemsQuotaBytes);
        (stored.QuotaOffice365ProtectedAccounts, stored.QuotaHyperVGuests, stored.QuotaVMwareGuests) =
            (before.QuotaOffice365ProtectedAccounts, before.QuotaHyperVGuests, before.QuotaVMwareGuests);
        (stored.AutoStorageTemplateGUID, stored.LinuxHomedirSandbox) = (before.AutoStorageTemplateGUID, before.LinuxHomedirSandbox);
        foreach (var (id, vault) in stored.Destinations)
        {
            if (vault is not null && before.Destinations.TryGetValue(id, out var known))
            {
                (vault.StorageLimitEnabled, vault.StorageLimitBytes, vault.StorageLimitID) =
                    (known.StorageLimitEnabled, known.StorageLimitBytes, known.StorageLimitID);
                vault.RebrandStorage = known.RebrandStorage;
            }
        }
    }

    private static string? ProblemWithUserDevices(UserProfileConfig stored, UserProfileConfig before) =>
        stored.Devices.Keys.Any(id => !before.Devices.ContainsKey(id))
            ? "A device registers itself; it cannot be added through the profile."
        : before.Devices.Keys.Any(id => !stored.Devices.ContainsKey(id))
            ? "Revoke a device to remove it; it cannot be removed through the profile."
        : null;

    // Storing a password in clear would lose the secrets that the old one sealed.
    private static string? KeepOrSetHash(Account account, UserProfileConfig submitted)
    {
        if (submitted.PasswordHash.Length == 0 || submitted.PasswordHash == account.PasswordHash)
        {
            return null;
        }

        if (submitted.PasswordFormat == 0)
        {
            return "PasswordHash is a password in clear; change it with reset-user-password, which keeps what it protects readable.";
        }

        if (CredentialHasher.ProblemWith(submitted.PasswordFormat, submitted.PasswordHash) is { } problem)
        {
            return problem;
        }

        (account.PasswordFormat, account.PasswordHash) = ((int)submitted.PasswordFormat, submitted.PasswordHash);
        return null;
    }

    private static string? SetRecovery(Account account, UserProfileConfig submitted)
    {
        if (submitted.PasswordRecovery == account.PasswordRecovery)
        {
            return null;
        }

        if (ProblemWithRecovery(submitted.PasswordRecovery) is { } refusal)
        {
            return refusal;
        }

        account.PasswordRecovery = submitted.PasswordRecovery;
        return null;
    }

    /// <summary>Accepts text that a client sealed, never text of the form that the server writes itself.</summary>
    public static string? ProblemWithRecovery(string recovery) =>
        recovery.Length > LongestRecovery || recovery.Contains('\0') ? $"PasswordRecovery must have at most {LongestRecovery} characters."
        : KeptRKeys.IsKeptHere(recovery) ? "Only the server writes a PasswordRecovery of this kind."
        : null;

    private static string? ProblemWithSignIn(Account account, UserProfileConfig stored) =>
        stored.AllowPasswordLogin || (stored.AllowPasswordAndTOTPLogin && account.TotpSecret is not null)
            ? null
            : "AllowPasswordLogin must stay true while no authenticator app is set up; otherwise the user could not sign in.";
}
