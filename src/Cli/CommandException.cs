namespace Halley.Cli;

/// <summary>The command cannot go on. The message says in one line what is wrong and what to do.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failure) : Exception(message)
{
    public int ExitCode => exitCode;
}
