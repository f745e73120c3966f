using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about other administrators.</summary>
internal sealed class AdminUserCalls(AdministratorDirectory directory)
{
    private const string TargetUser = "TargetUser";
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    public static void Map(CometMap<AdminUserCalls> map)
    {
        map.Admin("admin-user/delete", "TargetUser", Rights, (api, call) => api.DeleteAsync(call));
        map.Admin("admin-user/list", "", Rights, (api, call) => api.ListAsync(call));
        map.Admin("admin-user/new", "TargetUser, TargetPassword, TargetOrgID?", Rights, (api, call) => api.NewAsync(call));
    }

    private async Task<CometReply<List<AllowedAdminUser>>> ListAsync(CometCall call) =>
        (await directory.ListAsync(after: null, int.MaxValue, call.Aborted)).ConvertAll(ToWire);

    private async Task<CometApiResponseMessage> NewAsync(CometCall call)
    {
        var change = await directory.CreateAsync(
            call.Administrator, call.Form.Text(TargetUser), call.Form.Text("TargetPassword"), call.Form.Text("TargetOrgID"),
            new AdminUserPermissions(), mustChangePassword: false, call.Aborted);
        return Answer(change);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        await directory.FindAsync(call.Form.Text(TargetUser), call.Aborted) is { } administrator
            ? Answer(await directory.DeleteAsync(call.Administrator, administrator.Id, call.Aborted))
            : CometErrors.BadRequest(AdministratorChange.NotFound.Reason);

    private static CometApiResponseMessage Answer(AdministratorChange change) =>
        change.Refusal is { } refusal ? CometErrors.Of(refusal, change.Reason) : CometApiResponseMessage.Ok;

    internal static AllowedAdminUser ToWire(Administrator administrator) => new()
    {
        Username = administrator.UserName!,
        OrganizationID = administrator.OrganizationId,
        PasswordFormat = administrator.PasswordFormat,
        Password = OwnSecurity.Masked,
        AllowPasswordLogin = administrator.AllowPasswordLogin,
        AllowPasswordAndTOTPLogin = administrator.AllowPasswordAndTotpLogin,
        AllowPasswordAndWebAuthnLogin = administrator.AllowPasswordAndPasskeyLogin,
        RequirePasswordChange = administrator.RequirePasswordChange,
        TOTPKeyEncryptionFormat = administrator.TotpSecret is null ? 0 : 1,
        TOTPKey = administrator.TotpSecret is null ? "" : OwnSecurity.Masked,
        IPWhitelist = administrator.IPWhitelist,
        Permissions = AdministratorPermissions.Parse(administrator.Permissions).Flags,
    };
}
