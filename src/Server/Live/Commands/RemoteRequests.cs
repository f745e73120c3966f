using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>The kinds of messages between instances about single devices.</summary>
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

/// <summary>Asks the owner of a device to give it a command and report the progress.</summary>
internal sealed record AskRequest(Guid Command, Guid Device, string Kind, string Arguments);

/// <summary>The device has accepted or started the command.</summary>
internal sealed record CommandMoved(Guid Command, string State);

/// <summary>The command has ended.</summary>
internal sealed record CommandEnded(Guid Command, string Code, string Message, string Answer, bool IsUndelivered)
{
    public static CommandEnded Of(Guid command, CommandOutcome outcome) =>
        new(command, outcome.Code, outcome.Message, outcome.Answer, outcome.IsUndelivered);

    public CommandOutcome ToOutcome() => new(Code, Message, Answer) { IsUndelivered = IsUndelivered };
}

/// <summary>Asks the owner of a device to close its connection.</summary>
internal sealed record DismissRequest(Guid Device, LeaveOrder Order);
