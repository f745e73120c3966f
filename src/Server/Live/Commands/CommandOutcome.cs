using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>How a command ended: the device's answer as JSON, with a sentence if it lacks something, or a stable code with one.</summary>
internal sealed record CommandOutcome(string Code, string Message, string Answer = "")
{
    public const int LongestCode = 64;
    public const int LongestMessage = 500;

    /// <summary>True when the device has certainly not started the command, so that giving it again does no harm.</summary>
    public bool IsUndelivered { get; init; }

    public bool IsDone => Code.Length == 0;

    /// <summary>What a device answered, and a sentence about what the answer lacks, or empty.</summary>
    public static CommandOutcome Done(CommandReport report) => new("", Printable(report.Message), report.Answer);

    /// <summary>The failure that a device reported, without whatever must not be stored or shown to an administrator.</summary>
    public static CommandOutcome Failed(CommandReport report)
    {
        var isStable = report.Code.Length is > 0 and <= LongestCode
            && report.Code.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
        var message = Printable(report.Message);
        return new CommandOutcome(
            isStable ? report.Code : "device_failed", message.Length > 0 ? message : "The command failed, and the device gave no reason.");
    }

    private static string Printable(string message) =>
        new([.. message.Where(letter => !char.IsControl(letter)).Take(LongestMessage)]);

    public static readonly CommandOutcome Lost =
        new("device_disconnected", "The device was disconnected before it answered. It may or may not have carried out the command.");

    public static readonly CommandOutcome LostUnheard =
        new("device_disconnected", "The device was disconnected before it received the command.") { IsUndelivered = true };

    public static readonly CommandOutcome Silent =
        new("device_did_not_answer", "The device is connected but did not accept the command in time.");

    public static readonly CommandOutcome TooSlow =
        new("device_did_not_answer", "The device accepted the command but did not answer in time. It may still carry it out.");

    public static readonly CommandOutcome Busy =
        new("device_busy", "Too many commands are waiting for this device. Try again later.") { IsUndelivered = true };

    /// <summary>Another caller gave the same command and is waiting for its answer.</summary>
    public static readonly CommandOutcome Given = new("command_given", "The device already has this command.");

    public static readonly CommandOutcome Unreadable =
        new("device_answer_unreadable", "This server can't read the answer of the device. Their versions may not match.");

    public static readonly CommandOutcome Expired = new("command_expired", "The device did not connect before the command expired.");

    public static readonly CommandOutcome FileNamesNotAllowed =
        new("filenames_not_allowed", "The user of this device does not allow the server to see names of files.");
}
