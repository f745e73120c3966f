namespace Halley.Server.Access;

/// <summary>Names of the authorization policies. Every endpoint requires one of them or declares itself anonymous.</summary>
internal static class Policies
{
    /// <summary>
    /// A signed-in administrator. Under <c>/api</c> and <c>/live</c> only a session key or token as Bearer counts, everywhere else only the
    /// cookie. A browser sends cookies automatically, so if the API accepted them, foreign pages could act for the administrator.
    /// </summary>
    public const string Administrator = "Administrator";

    /// <summary>
    /// A signed-in administrator, for operations on their own account, even if they must change the password first. Tokens are rejected,
    /// because a token must not extend its own rights.
    /// </summary>
    public const string OwnAccount = "OwnAccount";

    /// <summary>A signed-in backup user.</summary>
    public const string Account = "Account";

    /// <summary>A signed-in backup user, even one who must change the password first.</summary>
    public const string AccountAlways = "Account.Always";

    /// <summary>An administrator of the server itself, not of an organization.</summary>
    public const string TopLevelAdministrator = "Administrator.TopLevel";

    /// <summary>
    /// An administrator with all of <paramref name="requires"/>: <c>RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel |
    /// Requires.EditServerSettings))</c>.
    /// </summary>
    public static string[] AdministratorWho(Requires requires) =>
        [Administrator, .. Enum.GetValues<Requires>().Where(one => one != Requires.None && requires.HasFlag(one)).Select(NameOf)];

    /// <summary>The policy for a single requirement.</summary>
    public static string NameOf(Requires one) => $"{Administrator}.{one}";
}
