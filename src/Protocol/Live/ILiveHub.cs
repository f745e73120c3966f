namespace Halley.Protocol.Live;

/// <summary>
/// What a device says to the server over its live connection at <see cref="Routes.Live"/>: SignalR over a websocket, without negotiation, in JSON or
/// MessagePack, with the session key of the device as <c>Authorization: Bearer</c>. All but <see cref="Attach"/> is refused before that.
/// </summary>
/// <remarks>Documents are carried as JSON text, so that both encodings carry the same and fields a server does not know survive.</remarks>
public interface ILiveHub
{
    /// <summary>Presents the device. To be called first, within ten seconds; a connection that does not is closed.</summary>
    Task<LiveWelcome> Attach(LiveHello hello);

    /// <summary>Tells that the device is well, and which jobs it runs; to be called as often as <see cref="LiveWelcome.HeartbeatSeconds"/> says.</summary>
    Task<LiveHeartbeatAnswer> Heartbeat(LiveHeartbeat beat);

    /// <summary>Tells how far a command has come. May come twice and after a reconnect; a report that tells nothing new changes nothing.</summary>
    Task<LiveAck> Report(CommandReport report);

    /// <summary>Creates a job or brings it up to date: the vendor's BackupJobDetail, whole, as JSON. The same as a PUT to <see cref="Routes.OwnJob"/>.</summary>
    /// <returns>The job as it is stored, in <see cref="LiveAck.Document"/>.</returns>
    Task<LiveAck> ReportJob(string job);

    /// <summary>Appends to the log of a job. The same as a POST to <see cref="Routes.OwnJobLog"/>.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="first">Number of the first of these entries in the whole log, from 0; entries the server has already are not stored again.</param>
    /// <param name="entries">A JSON array of the vendor's JobEntry, at most 10 000.</param>
    Task<LiveAck> AppendJobLog(Guid jobId, long first, string entries);
}
