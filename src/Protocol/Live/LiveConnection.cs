namespace Halley.Protocol.Live;

/// <summary>How a device presents itself.</summary>
/// <param name="ProcessId">
/// Random, made when the program starts and kept over reconnects. By it the server tells a device that comes back from a second one under the same id.
/// </param>
/// <param name="ClientVersion">Version of the client, such as <c>1.2.0</c>; at most 100 characters.</param>
/// <param name="Platform">Operating system and processor as the vendor's clients report it, such as <c>linux/amd64</c>; at most 100 characters.</param>
/// <param name="PlatformVersion">More about the operating system: the vendor's OSInfo as JSON; empty when it is not known.</param>
/// <param name="TimeZone">IANA name of the time zone, such as <c>Europe/Berlin</c>; empty when it is not known.</param>
/// <param name="AllowsFilenames">False: the user does not want names of his files to be seen by the server, so browsing is refused by the device.</param>
/// <param name="SentAt">UTC time on the device's clock.</param>
public sealed record LiveHello(
    Guid ProcessId, string ClientVersion, string Platform, string PlatformVersion, string TimeZone, bool AllowsFilenames, DateTime SentAt);

/// <summary>The answer to <see cref="ILiveHub.Attach"/>.</summary>
/// <param name="ConnectionId">Id of the connection, the vendor's <c>TargetID</c>; it stays while the same program reconnects within the grace time.</param>
/// <param name="HeartbeatSeconds">Seconds between two heart-beats, from 12 to 18, different for each device so that they do not all speak at once.</param>
/// <param name="ServerTime">UTC time on the server's clock.</param>
/// <param name="Code">Empty when the device is attached, otherwise why it is not; the connection is then closed.</param>
/// <param name="Message">A sentence about that.</param>
public sealed record LiveWelcome(Guid ConnectionId, int HeartbeatSeconds, DateTime ServerTime, string Code = "", string Message = "");

/// <summary>A heart-beat.</summary>
/// <param name="SentAt">UTC time on the device's clock.</param>
/// <param name="Jobs">Ids of the jobs that run on the device. Jobs the server believes to run there and that are missing here twice are abandoned.</param>
public sealed record LiveHeartbeat(DateTime SentAt, IReadOnlyList<Guid> Jobs);

/// <summary>The answer to a heart-beat.</summary>
/// <param name="ServerTime">UTC time on the server's clock.</param>
public sealed record LiveHeartbeatAnswer(DateTime ServerTime);

/// <summary>What became of something a device reported.</summary>
/// <param name="Code">Empty when it was taken or was known already; otherwise the stable code that <c>/api/v2</c> gives for the same.</param>
/// <param name="Message">A sentence about that.</param>
/// <param name="Document">What is stored now, as JSON; empty where there is nothing to show.</param>
public sealed record LiveAck(string Code = "", string Message = "", string Document = "");

/// <summary>Tells a device that the server closes its connection.</summary>
/// <param name="Reason">One of <see cref="LeaveReasons"/>.</param>
/// <param name="ReconnectAfterSeconds">Seconds until it should come back; null: not before somebody starts it again or signs in.</param>
/// <param name="Message">A sentence for its log.</param>
public sealed record LeaveOrder(string Reason, int? ReconnectAfterSeconds, string Message);

/// <summary>Why a server closes the connection of a device.</summary>
public static class LeaveReasons
{
    /// <summary>This instance stops; another one, or the same again, takes the device back.</summary>
    public const string Draining = "draining";

    /// <summary>The same device, started anew, has connected. When two run under one id, this is how they notice.</summary>
    public const string Replaced = "replaced";

    /// <summary>The session has ended or was revoked, or the account is suspended: sign in again.</summary>
    public const string SessionEnded = "session_ended";

    /// <summary>An administrator closed it; the device comes back by itself.</summary>
    public const string Dropped = "dropped";

    /// <summary>An administrator wants the device to stay away.</summary>
    public const string SentAway = "sent_away";
}
