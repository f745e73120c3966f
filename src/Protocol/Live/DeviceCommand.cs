namespace Halley.Protocol.Live;

/// <summary>A command to a device.</summary>
/// <param name="Id">Its id. A command that comes again under an id the device knows is the same one.</param>
/// <param name="Kind">One of <see cref="CommandKinds"/>.</param>
/// <param name="Arguments">The record that <see cref="CommandKinds"/> names for the kind, as a JSON object.</param>
/// <param name="ExpiresAt">UTC time after which it must not be begun any more.</param>
public sealed record DeviceCommand(Guid Id, string Kind, string Arguments, DateTime ExpiresAt);

/// <summary>How far a command has come.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="State">One of <see cref="CommandStates"/> from <see cref="CommandStates.Accepted"/> on.</param>
/// <param name="Answer">With <see cref="CommandStates.Done"/>: the record that the kind answers, as JSON; empty for kinds that answer nothing.</param>
/// <param name="Code">With <see cref="CommandStates.Failed"/>: a stable word in lower case with underscores, such as <c>filenames_not_allowed</c>.</param>
/// <param name="Message">With <see cref="CommandStates.Failed"/>: a sentence for the person who gave the command.</param>
public sealed record CommandReport(Guid CommandId, string State, string Answer = "", string Code = "", string Message = "");

/// <summary>The states of a command, in their order.</summary>
public static class CommandStates
{
    /// <summary>Waits for the device to be connected.</summary>
    public const string Queued = "queued";

    /// <summary>Given to the device, which has not said anything yet.</summary>
    public const string Sent = "sent";

    /// <summary>The device has it and will see to it.</summary>
    public const string Accepted = "accepted";

    /// <summary>The device is at it.</summary>
    public const string Running = "running";

    /// <summary>The device has done it. What starts a job is done when the job has started.</summary>
    public const string Done = "done";

    /// <summary>It was refused or went wrong; code and message say how.</summary>
    public const string Failed = "failed";

    /// <summary>Its time was over before the device had begun.</summary>
    public const string Expired = "expired";

    /// <summary>Taken back before the device had it.</summary>
    public const string Withdrawn = "withdrawn";
}
