using System.ComponentModel.DataAnnotations;
using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole;

/// <summary>Options of the Storage Role, section <c>Halley:Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>False for an instance without volumes, beside the instance that has them.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The guarantee of an acknowledged upload: <c>Full</c> (flushed to the device) or <c>None</c>.</summary>
    public FlushPolicy Flush { get; set; } = FlushPolicy.Full;

    /// <summary>Bytes that stay free on every volume …</summary>
    [Range(0, long.MaxValue, ErrorMessage = "must be a number of bytes, 0 or more")]
    public long ReserveBytes { get; set; } = VolumeReserve.Default.Bytes;

    /// <summary>… or this share of it in percent, whichever is smaller.</summary>
    [Range(0, 90, ErrorMessage = "must be a percentage from 0 to 90")]
    public double ReservePercent { get; set; } = VolumeReserve.Default.Percent;

    /// <summary>
    /// Largest file a client may upload. Clients of the vault protocol make files of up to 128 MiB, rarely a little more.
    /// </summary>
    [Range(1L << 20, 1L << 40, ErrorMessage = "must be a number of bytes from 1048576 (1 MiB) to 1099511627776 (1 TiB)")]
    public long MaxFileBytes { get; set; } = 512L << 20;

    /// <summary>Seconds between two checks of every volume's marker.</summary>
    [Range(1, 3600, ErrorMessage = "must be a number of seconds from 1 to 3600")]
    public int ProbeSeconds { get; set; } = 5;

    /// <summary>Days for which files that clients delete are held in new buckets; 0 for none. Each bucket can have its own.</summary>
    [Range(0, 3650, ErrorMessage = "must be a number of days from 0 to 3650")]
    public int HoldDays { get; set; }

    /// <summary>Hours after which a bucket's size is measured again on disk.</summary>
    [Range(1, 24 * 365, ErrorMessage = "must be a number of hours from 1 to 8760")]
    public int MeasureHours { get; set; } = 24;

    /// <summary>Days within which every byte on every volume is read again and compared with its name; 0 for on request only.</summary>
    [Range(0, 3650, ErrorMessage = "must be a number of days from 0 (never) to 3650")]
    public int ScrubDays { get; set; } = 30;

    /// <summary>Hours that a file must have been on two volumes before a scrub deletes the older copy.</summary>
    [Range(0, 24 * 365, ErrorMessage = "must be a number of hours from 0 to 8760")]
    public int ScrubDuplicateHours { get; set; } = 24;
}
