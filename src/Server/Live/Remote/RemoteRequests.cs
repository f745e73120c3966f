using Halley.Protocol.Live;
using Halley.Server.Live.Commands;

namespace Halley.Server.Live.Remote;

/// <summary>The kinds of messages about single devices.</summary>
internal static class RemoteRequests
{
    public const string Ask = "ask";
    public const string StopAsking = "stop-asking";
    public const string Moved = "moved";
    public const string Outcome = "outcome";
    public const string Dismiss = "dismiss";
    public const string Deliver = "deliver";
    public const string Given = "given";
}

/// <summary>Give this to your device and tell me what becomes of it.</summary>
internal sealed record AskRequest(Guid Command, Guid Device, string Kind, string Arguments);

/// <summary>The device has it, or is at it.</summary>
internal sealed record CommandMoved(Guid Command, string State);

/// <summary>How it ended.</summary>
internal sealed record CommandEnded(Guid Command, string Code, string Message, string Answer, bool IsUndelivered)
{
    public static CommandEnded Of(Guid command, CommandOutcome outcome) => new(command, outcome.Code, outcome.Message, outcome.Answer, outcome.IsUndelivered);

    public CommandOutcome ToOutcome() => CommandOutcome.Told(Code, Message, Answer, IsUndelivered);
}

/// <summary>Close the connection of your device.</summary>
internal sealed record DismissRequest(Guid Device, LeaveOrder Order);
