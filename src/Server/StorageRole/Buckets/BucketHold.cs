namespace Halley.Server.StorageRole.Buckets;

/// <summary>For how long deleted files of a bucket are held. More days count at once, fewer only after as many days as it was before.</summary>
/// <param name="Days">What counts now.</param>
/// <param name="LowerTo">Fewer days that were asked for; null when there is no such wish.</param>
/// <param name="LowerAskedAt">UTC time at which they were asked for.</param>
/// <param name="DaysBefore">What counted for files that were deleted before <paramref name="BeforeUntil"/>: each is held as long as was promised then.</param>
/// <param name="BeforeUntil">UTC time at which the last lowering took effect.</param>
internal sealed record BucketHold(int Days, int? LowerTo = null, DateTime? LowerAskedAt = null, int DaysBefore = 0, DateTime? BeforeUntil = null)
{
    public const int MostDays = 3650;

    public const string Rule = "holdDays is a number of days from 0 to 3650.";

    /// <summary>UTC time at which the wish for fewer days counts at the earliest.</summary>
    public DateTime? LowersAt => LowerAskedAt?.AddDays(Days);

    /// <summary>True while a file can be in the trash or get there.</summary>
    public int LongestDays => Math.Max(Days, DaysBefore);

    /// <summary>Days for which a file that was deleted then is held.</summary>
    public int DaysFor(DateTime deletedAt) => deletedAt < BeforeUntil ? LongestDays : Days;

    /// <summary>The hold after an administrator has asked for so many days.</summary>
    public BucketHold Change(int days, DateTime now) => days >= Days
        ? this with { Days = days, LowerTo = null, LowerAskedAt = null }
        : this with { LowerTo = days, LowerAskedAt = LowerTo == days ? LowerAskedAt : now };

    /// <summary>The hold once the wish for fewer days counts.</summary>
    public BucketHold Lower(DateTime now) => LowerTo is { } days ? new BucketHold(days, null, null, LongestDays, now) : this;
}
