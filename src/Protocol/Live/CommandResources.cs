using System.Text.Json;

namespace Halley.Protocol.Live;

/// <summary>Gives a device a command.</summary>
/// <param name="Kind">One of <see cref="CommandKinds"/>, such as <c>run-backup</c>.</param>
/// <param name="Arguments">The arguments of the kind; null for kinds that need none.</param>
/// <param name="TtlSeconds">Seconds after which a device must not begin any more, from 10 to 2 592 000 (30 days); null for an hour.</param>
/// <param name="WaitForDevice">True: when the device is not connected the command is kept until it is; otherwise that is an error.</param>
/// <param name="WaitSeconds">Seconds to wait for the end before this is answered, 0 to 60. The command goes on when they are over.</param>
public sealed record GiveCommand(string Kind, JsonElement? Arguments = null, int? TtlSeconds = null, bool WaitForDevice = false, int WaitSeconds = 0);

/// <summary>A command and how far it has come.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Username">Account of the device.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="Kind">One of <see cref="CommandKinds"/>.</param>
/// <param name="State">One of <see cref="CommandStates"/>.</param>
/// <param name="Answer">
/// What the device answered; null while there is nothing, for kinds that answer nothing, and in lists, since an answer may have many megabytes:
/// ask for the one command.
/// </param>
/// <param name="Code">Why it failed or expired, as a stable word; empty otherwise.</param>
/// <param name="Message">The same as a sentence.</param>
/// <param name="CreatedBy">Who gave it.</param>
/// <param name="CreatedAt">UTC time at which it was given.</param>
/// <param name="ExpiresAt">UTC time after which the device must not begin any more.</param>
/// <param name="SentAt">UTC time at which the device was told last; null when it was not yet.</param>
/// <param name="EndedAt">UTC time at which it ended; null while it is open.</param>
public sealed record DeviceCommandInfo(
    Guid Id, string Username, string DeviceId, string Kind, string State, JsonElement? Answer, string Code, string Message, string CreatedBy,
    DateTime CreatedAt, DateTime ExpiresAt, DateTime? SentAt, DateTime? EndedAt);
