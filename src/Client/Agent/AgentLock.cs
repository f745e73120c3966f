using Halley.Client.Accounts;

namespace Halley.Client.Agent;

/// <summary>Makes sure that only one agent works with a state directory. The operating system releases it when the process ends.</summary>
public sealed class AgentLock : IDisposable
{
    private readonly FileStream _file;

    private AgentLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="AccountException">Another agent has it.</exception>
    public static AgentLock Take(StateDirectory state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var path = Path.Combine(state.Location, "agent.lock");
        try
        {
            return new AgentLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new AccountException(
                AccountFault.Refused,
                $"Another agent works with {state.Location}. Stop it first, or set HALLEY_STATE_DIR for another account.");
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();
}
