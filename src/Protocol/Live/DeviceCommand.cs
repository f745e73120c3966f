namespace Halley.Protocol.Live;

/// <summary>A command to a device.</summary>
/// <param name="Id">Its id. A second command with an id the device knows is the same command.</param>
/// <param name="Kind">The name of a kind of <see cref="CommandCatalog"/>.</param>
/// <param name="Arguments">The arguments record of the kind, as a JSON object.</param>
/// <param name="ExpiresAt">UTC time after which the device must not start it.</param>
public sealed record DeviceCommand(Guid Id, string Kind, string Arguments, DateTime ExpiresAt);

/// <summary>The progress of a command.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="State">One of <see cref="CommandStates"/> from <see cref="CommandStates.Accepted"/> on.</param>
/// <param name="Answer">
/// With <see cref="CommandStates.Done"/>: the answer record of the kind, as JSON; empty for kinds without an answer.
/// </param>
/// <param name="Code">
/// With <see cref="CommandStates.Failed"/>: a stable word in lower case with underscores, such as <c>filenames_not_allowed</c>.
/// </param>
/// <param name="Message">
/// A sentence for the administrator that gave the command: with <see cref="CommandStates.Failed"/> why it failed, with
/// <see cref="CommandStates.Done"/> what the answer lacks, or empty.
/// </param>
public sealed record CommandReport(Guid CommandId, string State, string Answer = "", string Code = "", string Message = "");

/// <summary>The states of a command, in their order.</summary>
public static class CommandStates
{
    /// <summary>Kept until the device is connected.</summary>
    public const string Queued = "queued";

    /// <summary>Sent to the device, which has not reported anything yet.</summary>
    public const string Sent = "sent";

    /// <summary>The device has the command and will carry it out.</summary>
    public const string Accepted = "accepted";

    /// <summary>The device is carrying it out.</summary>
    public const string Running = "running";

    /// <summary>The device has carried it out. A command that starts a job is done when the job has started.</summary>
    public const string Done = "done";

    /// <summary>The device rejected it or failed; code and message say why.</summary>
    public const string Failed = "failed";

    /// <summary>Its time ended before the device had started.</summary>
    public const string Expired = "expired";

    /// <summary>Withdrawn before it was sent to the device.</summary>
    public const string Withdrawn = "withdrawn";
}
