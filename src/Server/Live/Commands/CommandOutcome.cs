namespace Halley.Server.Live.Commands;

/// <summary>How a command ended: the device's answer as JSON, or a stable code with a sentence.</summary>
internal sealed record CommandOutcome(string Code, string Message, string Answer = "")
{
    /// <summary>The code of devices, and of the server for them, when names of files may not be seen.</summary>
    public const string FileNamesNotAllowed = "filenames_not_allowed";

    /// <summary>The device could not be reached, or was lost before it had said anything: to ask again does no harm.</summary>
    public bool IsUndelivered { get; private init; }

    public bool IsDone => Code.Length == 0;

    public static CommandOutcome Done(string answer) => new("", "", answer);

    /// <summary>As another instance tells it.</summary>
    public static CommandOutcome Told(string code, string message, string answer, bool isUndelivered) =>
        new(code, message, answer) { IsUndelivered = isUndelivered };

    public static readonly CommandOutcome NotConnected =
        new("device_not_connected", "The device is not connected to the server.") { IsUndelivered = true };

    public static readonly CommandOutcome Lost =
        new("device_disconnected", "The device was disconnected before it answered, so it may or may not have done it.");

    public static readonly CommandOutcome LostUnheard =
        new("device_disconnected", "The device was disconnected before it took the command.") { IsUndelivered = true };

    public static readonly CommandOutcome Silent = new("device_did_not_answer", "The device is connected and did not take the command in time.");

    public static readonly CommandOutcome TooSlow =
        new("device_did_not_answer", "The device took the command and did not answer in time; it may still do it.");

    public static readonly CommandOutcome Busy =
        new("device_busy", "The device has too many commands to answer; try again later.") { IsUndelivered = true };

    /// <summary>Somebody else has just given the same command and waits for its answer.</summary>
    public static readonly CommandOutcome Given = new("command_given", "The command is with the device already.");

    public static readonly CommandOutcome Unreadable =
        new("device_answer_unreadable", "The device answered something that this server cannot read; its version may not fit.");

    public static readonly CommandOutcome Expired = new("command_expired", "The device was not connected before the time of the command was over.");
}
