using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>How the server uses a volume.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VolumeMode>))]
public enum VolumeMode
{
    /// <summary>Read from and written to.</summary>
    [JsonStringEnumMemberName("writable")]
    Writable = 0,

    /// <summary>Clients can read and delete its files; nothing new is placed there.</summary>
    [JsonStringEnumMemberName("read-only")]
    ReadOnly = 1,
}

/// <summary>
/// Adds a directory as a volume. It is made if it does not exist, and marked; it takes files at once. Buckets that it holds already are
/// registered; they have no key before one is added.
/// </summary>
/// <param name="Path">Absolute path on the server.</param>
/// <param name="TakeOver">
/// True takes the volume from another server (<c>volume_owned</c>). Only if no process of that server runs any more: two servers that write
/// to one volume damage it.
/// </param>
public sealed record AddVolume(string Path, bool TakeOver = false);

/// <summary>Changes to a volume; null leaves a value unchanged.</summary>
/// <param name="Mode">The new mode; takes effect with the next upload.</param>
/// <param name="Path">
/// New path of the volume: absolute path of a directory that carries its marker, such as its new mount point.
/// </param>
/// <param name="TakeOver">
/// True takes the volume from another server (<c>volume_owned</c>). Only if no process of that server runs any more: two servers that write
/// to one volume damage it.
/// </param>
public sealed record UpdateVolume(VolumeMode? Mode = null, string? Path = null, bool TakeOver = false);

/// <summary>A volume as the API shows it.</summary>
/// <param name="Id">The id in its marker file.</param>
/// <param name="Path">Its directory on the server.</param>
/// <param name="Mode">The mode that the administrator set.</param>
/// <param name="Online">
/// False when the marker is missing or foreign or the directory cannot be read; requests for its files return 503.
/// </param>
/// <param name="Problem">
/// Why it is offline, or why it takes no new files although it is online and writable, in one sentence; null when nothing is wrong.
/// </param>
/// <param name="TotalBytes">Size of the file system it is on; 0 when offline.</param>
/// <param name="FreeBytes">Bytes the server could still write there, the reserve not deducted; 0 when offline.</param>
/// <param name="ReserveBytes">Bytes that are always left free.</param>
/// <param name="Bytes">Bytes of all files in buckets on it, as last measured; null before the first measurement.</param>
/// <param name="Files">Number of files in buckets on it, as last measured; null before the first measurement.</param>
/// <param name="MeasuredAt">UTC time of that measurement.</param>
/// <param name="AddedAt">UTC time at which it was added.</param>
/// <param name="TrashBytes">Bytes of deleted files on it that are held, as last measured; null before the first measurement.</param>
/// <param name="TrashFiles">Number of deleted files on it that are held, as last measured.</param>
/// <param name="VerifiedAt">
/// Every byte on it that is older was read and verified since this UTC time; null before its first scrub is done. Buckets that came
/// later count from their first scrub on.
/// </param>
public sealed record VolumeInfo(
    Guid Id, string Path, VolumeMode Mode, bool Online, string? Problem, long TotalBytes, long FreeBytes, long ReserveBytes,
    long? Bytes, long? Files, DateTime? MeasuredAt, DateTime AddedAt, long? TrashBytes = null, long? TrashFiles = null,
    DateTime? VerifiedAt = null)
{
    /// <summary>Paths of the other volumes on the same file system, whose free space is the same; empty if there are none.</summary>
    public IReadOnlyList<string> SameDiskAs { get; init; } = [];

    /// <summary>
    /// True when it is offline because another server uses it. <see cref="UpdateVolume.TakeOver"/> ends that.
    /// </summary>
    public bool UsedElsewhere { get; init; }
}

/// <summary>Where a directory would be that is about to become a volume.</summary>
/// <param name="Exists">True if the directory exists.</param>
/// <param name="OnSystemDisk">True if it is on the file system of the machine's root directory.</param>
/// <param name="SameDiskAs">Paths of the volumes that are on the same file system.</param>
public sealed record VolumePlace(bool Exists, bool OnSystemDisk, IReadOnlyList<string> SameDiskAs);
