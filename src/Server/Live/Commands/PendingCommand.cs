using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>A command whose answer somebody waits for.</summary>
internal sealed class PendingCommand(LocalDevice device, DeviceCommand command, Func<string, Task>? moved)
{
    private readonly TaskCompletionSource<CommandOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LocalDevice Device => device;

    public DeviceCommand Command => command;

    public Task<CommandOutcome> Outcome => _outcome.Task;

    /// <summary>True when the device has said anything about it.</summary>
    public bool IsHeard { get; private set; }

    /// <summary>Raised when the device says that it has it.</summary>
    public Action? Heard { get; set; }

    /// <summary>The device says that it has it, or is at it.</summary>
    public void Move(string state)
    {
        IsHeard = true;
        Heard?.Invoke();
        moved?.Invoke(state);
    }

    public void End(CommandOutcome outcome) => _outcome.TrySetResult(outcome);
}
