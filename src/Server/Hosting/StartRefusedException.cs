namespace Halley.Server.Hosting;

/// <summary>The server must not start. The message is one sentence for the operator; nothing else is shown.</summary>
internal sealed class StartRefusedException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
