namespace Halley.Server.Access;

/// <summary>Names of the authorization policies. Every endpoint asks for one of them or says that it is anonymous.</summary>
internal static class Policies
{
    /// <summary>
    /// A signed-in administrator. Under <c>/api</c> and <c>/live</c> only a session key or token as Bearer counts, everywhere else only the
    /// cookie: a browser sends a cookie by itself, so a cookie accepted by the API would let foreign pages act for the administrator.
    /// </summary>
    public const string Administrator = "Administrator";

    /// <summary>
    /// A signed-in administrator about his own account: also one who has to change his password before anything else, but no token, which
    /// must not be able to make itself more than it is.
    /// </summary>
    public const string OwnAccount = "OwnAccount";

    /// <summary>A signed-in backup user.</summary>
    public const string Account = "Account";

    /// <summary>The same, also for one who has to change his password before anything else.</summary>
    public const string AccountAlways = "Account.Always";

    /// <summary>An administrator of the server itself, not of an organization.</summary>
    public const string TopLevelAdministrator = "Administrator.TopLevel";

    /// <summary>
    /// An administrator who meets all of <paramref name="requires"/>:
    /// <c>RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel | Requires.EditServerSettings))</c>.
    /// </summary>
    public static string[] AdministratorWho(Requires requires) =>
        [Administrator, .. Enum.GetValues<Requires>().Where(one => one != Requires.None && requires.HasFlag(one)).Select(NameOf)];

    /// <summary>The policy of one requirement.</summary>
    public static string NameOf(Requires one) => $"{Administrator}.{one}";
}
