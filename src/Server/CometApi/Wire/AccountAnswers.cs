using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;

namespace Halley.Server.CometApi.Wire;

/// <summary>The vendor's response to the start of a session.</summary>
/// <param name="Status">Always 200.</param>
/// <param name="Message">Always "OK".</param>
/// <param name="SessionKey">The key, to be sent with <c>AuthType=SessionKey</c>.</param>
/// <param name="SessionType"><c>admin</c> or <c>user</c>.</param>
internal sealed record SessionKeyRegeneratedResponse(int Status, string Message, string SessionKey, string SessionType);

/// <summary>The calling administrator.</summary>
internal sealed class AdminAccountPropertiesResponse : CometDocument
{
    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public AdminUserPermissions Permissions { get; set; } = new();
    public AdminSecurityOptions Security { get; set; } = new();
}

/// <summary>A new secret for one-time codes.</summary>
internal sealed class TotpRegeneratedResponse : CometAnswer
{
    public string Image { get; set; } = "";
    public string URL { get; set; } = "";
    public string ProfileHash { get; set; } = "";
}

/// <summary>An install token that was made.</summary>
internal sealed class InstallTokenResponse : CometAnswer
{
    public InstallToken InstallToken { get; set; } = new();
}

/// <summary>A token by which an installer signs a device in without the password.</summary>
internal sealed class InstallToken : CometDocument
{
    public string Username { get; set; } = "";
    public string Server { get; set; } = "";
    public string Token { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    public bool Used { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long ExpireTime { get; set; }
}
