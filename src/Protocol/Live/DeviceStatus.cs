using Halley.Protocol.Profiles;

namespace Halley.Protocol.Live;

/// <summary>A registered device with its live connection and running jobs.</summary>
/// <param name="Username">Its account.</param>
/// <param name="OrganizationId">Tenant of the account; empty for the top level.</param>
/// <param name="DeviceId">Its id, unique in the account.</param>
/// <param name="Name">Its name.</param>
/// <param name="ClientVersion">Version of its client, as last reported.</param>
/// <param name="Platform">Its operating system, as last reported.</param>
/// <param name="TimeZone">IANA name; empty when it is not known.</param>
/// <param name="RegisteredAt">UTC time of its registration.</param>
/// <param name="LastSeenAt">
/// UTC time at which it was last connected or signed in, exact to about a minute; null when it never was.
/// </param>
/// <param name="Connection">Its live connection; null when it is offline.</param>
/// <param name="RunningJobs">Its jobs that have not ended, as the device reported them.</param>
/// <param name="RestoreDrill">Its last restore drill; null when none has ended.</param>
public sealed record DeviceStatus(
    string Username, string OrganizationId, string DeviceId, string Name, string ClientVersion, OSInfo Platform, string TimeZone,
    DateTime RegisteredAt, DateTime? LastSeenAt, LiveConnectionInfo? Connection, IReadOnlyList<RunningJob> RunningJobs,
    RestoreDrillStatus? RestoreDrill);

/// <summary>
/// The last restore drill of a device, which shows whether its backups can be restored. Of several vaults, one whose last drill failed
/// goes first.
/// </summary>
/// <param name="EndedAt">UTC time at which it ended.</param>
/// <param name="IsProof">True when files were restored and all of them were right.</param>
/// <param name="Files">Files that were restored and verified.</param>
/// <param name="Bytes">Bytes of these files.</param>
/// <param name="VaultId">The vault in the profile.</param>
/// <param name="ProvenAt">UTC time at which the last drill of any vault ended that was a proof; null when none was.</param>
public sealed record RestoreDrillStatus(DateTime EndedAt, bool IsProof, long Files, long Bytes, string VaultId, DateTime? ProvenAt);

/// <summary>A live connection.</summary>
/// <param name="Id">The vendor's <c>TargetID</c>.</param>
/// <param name="ClientVersion">Version of the client.</param>
/// <param name="Platform">Operating system and processor.</param>
/// <param name="TimeZone">IANA name of its time zone; empty when it is not known.</param>
/// <param name="AllowsFilenames">False: the device shows no names of files.</param>
/// <param name="Address">Address it connects from.</param>
/// <param name="Since">UTC time since which it is connected.</param>
/// <param name="LastSeenAt">UTC time of the last heartbeat.</param>
/// <param name="ClockAheadSeconds">Seconds its clock is ahead of the server's; negative when it is behind.</param>
/// <param name="Reconnecting">True for at most ten seconds after its websocket has ended, until it reconnects or counts as offline.</param>
/// <param name="Cloned">True when another machine seems to use the same device id: give one of them an id of its own.</param>
public sealed record LiveConnectionInfo(
    Guid Id, string ClientVersion, string Platform, string TimeZone, bool AllowsFilenames, string Address, DateTime Since,
    DateTime LastSeenAt, double ClockAheadSeconds, bool Reconnecting, bool Cloned);

/// <summary>A job that has not ended.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Classification">What it does, a number from 4000 as in the vendor's jobs: 4001 is a backup, 4002 a restore.</param>
/// <param name="StartedAt">UTC time at which it started.</param>
/// <param name="BytesDone">Bytes processed so far.</param>
/// <param name="ItemsDone">Files processed so far.</param>
/// <param name="ItemsTotal">Files in total; 0 while that is not known.</param>
public sealed record RunningJob(string Id, int Classification, DateTime StartedAt, long BytesDone, long ItemsDone, long ItemsTotal);
