namespace Halley.Server;

/// <summary>
/// The numbers of all log events, one range per folder. A number is never used twice and never given to another event: operators
/// alert on them.
/// </summary>
internal static class LogEvents
{
    // 1000: Hosting
    public const int RequestDone = 1000;
    public const int QuietRequestDone = 1001;

    // 1100: Data
    public const int DatabaseMigrated = 1100;
    public const int DatabaseCopied = 1101;

    // 1200: Credentials
    public const int VerificationsSaturated = 1200;

    // 1300: Administrators
    public const int SignInRefused = 1300;
    public const int AdministratorLocked = 1301;
    public const int AdministratorCreated = 1302;
    public const int PasswordChanged = 1303;
    public const int SetupTokenRefused = 1304;

    // 1400: CometApi
    public const int CometCallFailed = 1400;

    // 1500: Jobs
    public const int JobFailed = 1500;
    public const int ExpiredSessionsRemoved = 1501;
}
