namespace Halley.Server.Access;

/// <summary>The claims of a signed-in caller; every authorization policy reads <see cref="Claim"/> first.</summary>
internal static class CallerKind
{
    public const string Claim = "halley:kind";

    public const string Administrator = "administrator";

    /// <summary>A backup user.</summary>
    public const string Account = "account";

    /// <summary>Claim with the id of the session that made the request.</summary>
    public const string Session = "halley:session";

    /// <summary>Claim with the permissions of an administrator, as JSON.</summary>
    public const string Permissions = "halley:permissions";

    /// <summary>Claim of a caller whose credential shows it no hash and no key.</summary>
    public const string NoSecrets = "halley:no-secrets";

    /// <summary>Claim of a caller that must change its password before anything else.</summary>
    public const string MustChangePassword = "halley:must-change-password";
}
