using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Settings;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// Converts an account's row to the profile document and back. Fields that belong to the server are read from the columns only.
/// </summary>
internal sealed class ProfileDocument(IDataProtectionProvider protection, ServerSettings settings)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Profiles");

    /// <summary>The document of an account with all secrets; mask them before anyone but an administrator sees it.</summary>
    public UserProfileConfig Read(Account account) => Read(account, account.Profile);

    public UserProfileConfig Read(Account account, byte[] document)
    {
        var profile = JsonSerializer.Deserialize<UserProfileConfig>(_protector.Unprotect(document), CometJson.Options)!;
        profile.Username = account.Username;
        profile.OrganizationID = account.OrganizationId;
        profile.CreateTime = new DateTimeOffset(account.CreatedAt).ToUnixTimeSeconds();
        profile.CreationGUID = account.CreationId.ToString();
        profile.PasswordFormat = account.PasswordFormat;
        profile.PasswordHash = account.PasswordHash;
        profile.PasswordRecovery = account.PasswordRecovery;
        profile.RequirePasswordChange = account.RequirePasswordChange;
        profile.AllowPasswordLogin = account.AllowPasswordLogin;
        profile.AllowPasswordAndTOTPLogin = account.AllowPasswordAndTotpLogin;
        profile.TOTPKeyEncryptionFormat = account.TotpSecret is null ? 0 : 1;
        profile.TOTPKey = account.TotpSecret is { } secret ? Convert.ToBase64String(secret) : "";
        profile.IsSuspended = account.IsSuspended;
        profile.LastSuspended = account.SuspendedAt is { } suspended ? new DateTimeOffset(suspended).ToUnixTimeSeconds() : 0;
        profile.SupportsDeviceAssociations = true;
        // A copy of the server-wide setting, which the client applies.
        profile.ServerConfig =
            new UserServerConfig { RandomDelaySecs = settings.Current.AuthenticationRole.GlobalOverrides.RandomDelaySecs };
        return profile;
    }

    /// <summary>
    /// Writes a document into the row, with a new hash. The columns that a profile may change take its values; those of the server stay.
    /// </summary>
    public void Write(Account account, UserProfileConfig profile, DateTime now)
    {
        if (profile.IsSuspended && !account.IsSuspended)
        {
            account.SuspendedAt = now;
        }

        account.IsSuspended = profile.IsSuspended;
        account.AccountName = profile.AccountName;
        account.GroupId = profile.GroupID;
        account.PolicyId = profile.PolicyID;
        account.RequirePasswordChange = profile.RequirePasswordChange;
        account.AllowPasswordLogin = profile.AllowPasswordLogin;
        account.AllowPasswordAndTotpLogin = profile.AllowPasswordAndTOTPLogin && account.TotpSecret is not null;
        account.PreventsWebAccess = profile.Policy.PreventOpenWebUI;
        account.ProfileSavedAt = now;
        account.ProfileHash = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        account.Profile = Seal(profile);
    }

    // Nothing that a column holds is stored twice: the copies could differ.
    private byte[] Seal(UserProfileConfig profile)
    {
        var stored = JsonSerializer.Deserialize<UserProfileConfig>(JsonSerializer.SerializeToUtf8Bytes(profile, CometJson.Options),
            CometJson.Options)!;
        (stored.Username, stored.OrganizationID, stored.CreationGUID, stored.CreateTime) = ("", "", "", 0);
        (stored.PasswordFormat, stored.PasswordHash, stored.PasswordRecovery) = (0, "", "");
        (stored.TOTPKeyEncryptionFormat, stored.TOTPKey, stored.LastSuspended) = (0, "", 0);
        foreach (var source in stored.Sources.Values)
        {
            source.Statistics = new SourceStatistics();
        }

        return _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(stored, CometJson.Options));
    }
}
