using Halley.Protocol.Administrators;
using Halley.Server.Access;

namespace Halley.Server.Administrators;

/// <summary>An administrator in the vendor's form; secrets are masked.</summary>
internal static class AdministratorWire
{
    public static AllowedAdminUser Of(Administrator administrator) => new()
    {
        Username = administrator.UserName!,
        OrganizationID = administrator.OrganizationId,
        PasswordFormat = administrator.PasswordFormat,
        Password = OwnAccountActions.Masked,
        AllowPasswordLogin = administrator.AllowPasswordLogin,
        AllowPasswordAndTOTPLogin = administrator.AllowPasswordAndTotpLogin,
        AllowPasswordAndWebAuthnLogin = administrator.AllowPasswordAndPasskeyLogin,
        RequirePasswordChange = administrator.RequirePasswordChange,
        TOTPKeyEncryptionFormat = administrator.TotpSecret is null ? 0 : 1,
        TOTPKey = administrator.TotpSecret is null ? "" : OwnAccountActions.Masked,
        IPWhitelist = administrator.IPWhitelist,
        Permissions = AdministratorPermissions.Parse(administrator.Permissions).Flags,
    };
}
