namespace Halley.Server.Hosting;

/// <summary>Exit codes of the process. They are documented for operators, so a number never changes its meaning.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongSettings = 2;
    public const int DatabaseRefused = 3;
    public const int DataDirectoryInUse = 4;
    public const int AddressUnusable = 5;

    /// <summary>An administrator requested a restart: the supervisor of the process should start it again.</summary>
    public const int Restart = 6;

    /// <summary>Another instance on the same database has the storage.</summary>
    public const int StorageElsewhere = 7;
}
