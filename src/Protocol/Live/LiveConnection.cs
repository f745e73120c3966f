namespace Halley.Protocol.Live;

/// <summary>How a device presents itself.</summary>
/// <param name="ProcessId">
/// Random, made when the program starts and kept across reconnects. It lets the server distinguish a device that reconnects from a second
/// device with the same id.
/// </param>
/// <param name="ClientVersion">Version of the client, such as <c>1.2.0</c>; at most 100 characters.</param>
/// <param name="Platform">
/// Operating system and processor as the vendor's clients report it, such as <c>linux/amd64</c>; at most 100 characters.
/// </param>
/// <param name="PlatformVersion">Details of the operating system: the vendor's OSInfo as JSON; empty when it is not known.</param>
/// <param name="TimeZone">IANA name of the time zone, such as <c>Europe/Berlin</c>; empty when it is not known.</param>
/// <param name="AllowsFilenames">False when the user hides names of files from the server; the device then rejects browsing.</param>
/// <param name="SentAt">UTC time on the device's clock.</param>
public sealed record LiveHello(
    Guid ProcessId, string ClientVersion, string Platform, string PlatformVersion, string TimeZone, bool AllowsFilenames, DateTime SentAt);

/// <summary>The answer to <see cref="ILiveHub.Attach"/>.</summary>
/// <param name="ConnectionId">
/// Id of the connection, the vendor's <c>TargetID</c>; it stays the same when the program reconnects within the grace time.
/// </param>
/// <param name="HeartbeatSeconds">
/// Seconds between two heartbeats, from 12 to 18, different for each device so that the heartbeats spread out.
/// </param>
/// <param name="ServerTime">UTC time on the server's clock.</param>
/// <param name="Code">Empty when the device is attached, otherwise why it is not; the server then closes the connection.</param>
/// <param name="Message">A sentence about that.</param>
public sealed record LiveWelcome(Guid ConnectionId, int HeartbeatSeconds, DateTime ServerTime, string Code = "", string Message = "");

/// <summary>A heartbeat.</summary>
/// <param name="SentAt">UTC time on the device's clock.</param>
/// <param name="Jobs">
/// Ids of the jobs that run on the device. The server abandons a running job of the device that is missing from two heartbeats in a row.
/// </param>
public sealed record LiveHeartbeat(DateTime SentAt, IReadOnlyList<Guid> Jobs);

/// <summary>The answer to a heartbeat.</summary>
/// <param name="ServerTime">UTC time on the server's clock.</param>
public sealed record LiveHeartbeatAnswer(DateTime ServerTime);

/// <summary>The result of a report of a device.</summary>
/// <param name="Code">Empty when it was stored or already known; otherwise the stable code of <c>/api/v2</c> for the same refusal.</param>
/// <param name="Message">A sentence about that.</param>
/// <param name="Document">The stored document, as JSON; empty when there is none.</param>
public sealed record LiveAck(string Code = "", string Message = "", string Document = "");

/// <summary>Announces to a device that the server closes its connection.</summary>
/// <param name="Reason">One of <see cref="LeaveReasons"/>.</param>
/// <param name="ReconnectAfterSeconds">Seconds until it should reconnect; null: not before it is started again or signs in.</param>
/// <param name="Message">A sentence for its log.</param>
public sealed record LeaveOrder(string Reason, int? ReconnectAfterSeconds, string Message);

/// <summary>Why a server closes the connection of a device.</summary>
public static class LeaveReasons
{
    /// <summary>This instance stops; another one, or the same after its restart, accepts the device.</summary>
    public const string Draining = "draining";

    /// <summary>The same device has connected after a restart, or another machine with the same device id.</summary>
    public const string Replaced = "replaced";

    /// <summary>The session has ended or was revoked, or the account is suspended: sign in again.</summary>
    public const string SessionEnded = "session_ended";

    /// <summary>An administrator closed it; the device reconnects by itself.</summary>
    public const string Dropped = "dropped";

    /// <summary>The server rejects the device for some time, or until it is started again.</summary>
    public const string SentAway = "sent_away";
}
