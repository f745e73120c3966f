using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>Which way of the traffic a limit is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BandwidthDirection>))]
public enum BandwidthDirection
{
    /// <summary>Uploads and downloads share the limit.</summary>
    [JsonStringEnumMemberName("both")]
    Both = 0,

    /// <summary>Files that clients send.</summary>
    [JsonStringEnumMemberName("upload")]
    Upload = 1,

    /// <summary>Files that clients read.</summary>
    [JsonStringEnumMemberName("download")]
    Download = 2,
}

/// <summary>A day of the week.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Weekday>))]
public enum Weekday
{
    /// <summary>Sunday.</summary>
    [JsonStringEnumMemberName("sunday")]
    Sunday = 0,

    /// <summary>Monday.</summary>
    [JsonStringEnumMemberName("monday")]
    Monday = 1,

    /// <summary>Tuesday.</summary>
    [JsonStringEnumMemberName("tuesday")]
    Tuesday = 2,

    /// <summary>Wednesday.</summary>
    [JsonStringEnumMemberName("wednesday")]
    Wednesday = 3,

    /// <summary>Thursday.</summary>
    [JsonStringEnumMemberName("thursday")]
    Thursday = 4,

    /// <summary>Friday.</summary>
    [JsonStringEnumMemberName("friday")]
    Friday = 5,

    /// <summary>Saturday.</summary>
    [JsonStringEnumMemberName("saturday")]
    Saturday = 6,
}

/// <summary>
/// When a limit is in force, by the local time of a place. A window that falls into the hour skipped when clocks go forward does not open
/// that day.
/// </summary>
/// <param name="TimeZone">IANA time zone, such as <c>Europe/Berlin</c>.</param>
/// <param name="From">Local time at which the window begins, <c>HH:mm</c>; null for 00:00.</param>
/// <param name="To">
/// Local time at which it ends, <c>HH:mm</c>; null for 00:00. Not later than <paramref name="From"/> means on the next day: 22:00 to 06:00
/// is a night, and the same time twice a day and a night.
/// </param>
/// <param name="Days">Days on which the window begins; null or empty for every day.</param>
public sealed record BandwidthSchedule(string TimeZone, string? From = null, string? To = null, IReadOnlyList<Weekday>? Days = null);

/// <summary>Adds or replaces a bandwidth limit, for either a bucket or a network.</summary>
/// <param name="BytesPerSecond">Bytes a second that all connections of the bucket or network share, 1024 or more.</param>
/// <param name="BucketId">Bucket that it is for.</param>
/// <param name="Network">Client network that it is for, such as <c>10.1.0.0/16</c> or <c>2001:db8::/32</c>, or a single address.</param>
/// <param name="Direction">Uploads, downloads, or both together.</param>
/// <param name="Schedule">When it is in force; null for always.</param>
public sealed record SetBandwidthLimit(
    long BytesPerSecond, string? BucketId = null, string? Network = null, BandwidthDirection Direction = BandwidthDirection.Both,
    BandwidthSchedule? Schedule = null);

/// <summary>A bandwidth limit. Where several apply, the lowest wins.</summary>
/// <param name="Id">Its id.</param>
/// <param name="BucketId">Bucket that it is for; null when it is for a network.</param>
/// <param name="Network">Client network that it is for, as address and length of its prefix; null when it is for a bucket.</param>
/// <param name="Direction">Uploads, downloads, or both together.</param>
/// <param name="BytesPerSecond">Bytes a second that all connections share.</param>
/// <param name="Schedule">When it is in force; null for always.</param>
/// <param name="InForce">True when it is in force now.</param>
/// <param name="CreatedAt">UTC time at which it was added.</param>
public sealed record BandwidthLimitInfo(
    Guid Id, string? BucketId, string? Network, BandwidthDirection Direction, long BytesPerSecond, BandwidthSchedule? Schedule,
    bool InForce,
    DateTime CreatedAt);
