using System.Text.Json;

namespace Halley.Protocol.Live;

/// <summary>Gives a device a command.</summary>
/// <param name="Kind">The name of a kind of <see cref="CommandCatalog"/>, such as <c>run-backup</c>.</param>
/// <param name="Arguments">The arguments of the kind; null for kinds that need none.</param>
/// <param name="TtlSeconds">
/// Seconds after which a device must not start the command, from 10 to 2 592 000 (30 days); null for an hour.
/// </param>
/// <param name="WaitForDevice">
/// True keeps the command until the device connects; false returns an error when the device is not connected.
/// </param>
/// <param name="WaitSeconds">
/// Seconds to wait for the end of the command before the answer, 0 to 60. The command continues afterwards.
/// </param>
public sealed record GiveCommand(
    string Kind, JsonElement? Arguments = null, int? TtlSeconds = null, bool WaitForDevice = false, int WaitSeconds = 0);

/// <summary>A command and its progress.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Username">Account of the device.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="Kind">The name of a kind of <see cref="CommandCatalog"/>.</param>
/// <param name="Subject">Id of the backup rule or vault that its arguments name; empty when they name none.</param>
/// <param name="State">One of <see cref="CommandStates"/>.</param>
/// <param name="Answer">
/// The answer of the device; null before it has answered, for kinds without an answer, and in lists, because an answer may have many
/// megabytes: get the single command.
/// </param>
/// <param name="Code">Why it failed or expired, as a stable word; empty otherwise.</param>
/// <param name="Message">The same as a sentence; of a command that is done, what its answer lacks, or empty.</param>
/// <param name="CreatedBy">The administrator that gave it.</param>
/// <param name="CreatedAt">UTC time at which it was given.</param>
/// <param name="ExpiresAt">UTC time after which the device must not start it.</param>
/// <param name="SentAt">UTC time at which it was last sent to the device; null before that.</param>
/// <param name="EndedAt">UTC time at which it ended; null before that.</param>
public sealed record DeviceCommandInfo(
    Guid Id, string Username, string DeviceId, string Kind, string Subject, string State, JsonElement? Answer, string Code, string Message,
    string CreatedBy, DateTime CreatedAt, DateTime ExpiresAt, DateTime? SentAt, DateTime? EndedAt);
