namespace Halley.Protocol.Comet;

/// <summary>Names of the vendor's credential fields, and the kinds of credentials.</summary>
public static class CometCredentials
{
    /// <summary>Each field may also be sent as a header with this before its name.</summary>
    public const string HeaderPrefix = "X-Comet-Admin-";

    /// <summary>Name of the administrator.</summary>
    public const string Username = "Username";

    /// <summary>Kind of the credential: one of the constants below.</summary>
    public const string AuthType = "AuthType";

    /// <summary>Field of the password, and the kind of credential that needs it alone.</summary>
    public const string Password = "Password";

    /// <summary>Field of the session key, and the kind of credential that needs it.</summary>
    public const string SessionKey = "SessionKey";

    /// <summary>Header that carries the set-up token of this server when the first administrator is made; not known to the vendor.</summary>
    public const string SetupToken = "X-Halley-Setup-Token";
}
