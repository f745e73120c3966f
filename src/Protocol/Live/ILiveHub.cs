namespace Halley.Protocol.Live;

/// <summary>
/// What a device calls on the server over its live connection at <see cref="Routes.Live"/>: SignalR over a websocket, without negotiation,
/// in JSON or MessagePack, with the session key of the device as <c>Authorization: Bearer</c>. Every call before <see cref="Attach"/> is
/// rejected.
/// </summary>
/// <remarks>
/// Documents are JSON text, so that both encodings carry the same and fields that a server does not know survive.
/// </remarks>
public interface ILiveHub
{
    /// <summary>Presents the device. It must be the first call, within ten seconds; otherwise the server closes the connection.</summary>
    Task<LiveWelcome> Attach(LiveHello hello);

    /// <summary>
    /// Reports that the device is well, and which jobs it runs. The device calls it as often as <see cref="LiveWelcome.HeartbeatSeconds"/>
    /// says.
    /// </summary>
    Task<LiveHeartbeatAnswer> Heartbeat(LiveHeartbeat beat);

    /// <summary>
    /// Reports the progress of a command. A report may be sent twice and after a reconnect; one with nothing new changes nothing.
    /// </summary>
    Task<LiveAck> Report(CommandReport report);

    /// <summary>
    /// Creates or updates a job: the vendor's whole BackupJobDetail, as JSON. The same as a PUT to <see cref="Routes.OwnJob"/>.
    /// </summary>
    /// <returns>The job as it is stored, in <see cref="LiveAck.Document"/>.</returns>
    Task<LiveAck> ReportJob(string job);

    /// <summary>Appends to the log of a job. The same as a POST to <see cref="Routes.OwnJobLog"/>.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="first">
    /// Number of the first of these entries in the whole log, from 0; entries that the server has already are not stored again.
    /// </param>
    /// <param name="entries">A JSON array of the vendor's JobEntry, at most 10 000.</param>
    Task<LiveAck> AppendJobLog(Guid jobId, long first, string entries);
}

/// <summary>What the server calls on a device over its live connection.</summary>
public interface ILiveDevice
{
    /// <summary>
    /// Gives a command. The device reports to <see cref="ILiveHub.Report"/> within ten seconds: the answer, or
    /// <see cref="CommandStates.Accepted"/>. It does not carry out a command again whose id it knows: it reports the progress of the first
    /// one.
    /// </summary>
    Task Command(DeviceCommand command);

    /// <summary>Announces that the server closes the connection, with the reason and when the device should reconnect.</summary>
    Task Leave(LeaveOrder order);
}
