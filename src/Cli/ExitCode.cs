namespace Halley.Cli;

/// <summary>How the command ends: as restic does, so that scripts need no change.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It failed.</summary>
    public const int Failure = 1;

    /// <summary>It did its work, but left out a file that it could not read or restore, or a snapshot that it could not remove.</summary>
    public const int Incomplete = 3;

    public const int NoVault = 10;

    /// <summary>Another program holds a lock.</summary>
    public const int Locked = 11;

    public const int WrongPassword = 12;

    /// <summary>Ended by a signal.</summary>
    public const int Interrupted = 130;
}
