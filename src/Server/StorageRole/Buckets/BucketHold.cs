namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// How long deleted files of a bucket are held. A longer hold takes effect at once, a shorter one when the current hold has passed.
/// </summary>
/// <param name="Days">The hold now.</param>
/// <param name="LowerTo">The shorter hold that was requested; null if none was.</param>
/// <param name="LowerAskedAt">UTC time of that request.</param>
/// <param name="DaysBefore">The hold of files that were deleted before <paramref name="BeforeUntil"/>: each keeps the hold that was
/// promised.</param>
/// <param name="BeforeUntil">UTC time at which the hold was last shortened.</param>
internal sealed record BucketHold(
    int Days, int? LowerTo = null, DateTime? LowerAskedAt = null, int DaysBefore = 0, DateTime? BeforeUntil = null)
{
    public const int MostDays = 3650;

    public const string Rule = "holdDays is a number of days from 0 to 3650.";

    /// <summary>UTC time at which the shorter hold takes effect at the earliest.</summary>
    public DateTime? LowersAt => LowerAskedAt?.AddDays(Days);

    /// <summary>The longest hold of any file in the trash.</summary>
    public int LongestDays => Math.Max(Days, DaysBefore);

    /// <summary>Days for which a file is held that was deleted at this time.</summary>
    public int DaysFor(DateTime deletedAt) => deletedAt < BeforeUntil ? LongestDays : Days;

    /// <summary>The hold after an administrator has requested this number of days.</summary>
    public BucketHold Change(int days, DateTime now) => days >= Days
        ? this with { Days = days, LowerTo = null, LowerAskedAt = null }
        : this with { LowerTo = days, LowerAskedAt = LowerTo == days ? LowerAskedAt : now };

    /// <summary>The hold once the shorter one takes effect.</summary>
    public BucketHold Lower(DateTime now) => LowerTo is { } days ? new BucketHold(days, null, null, LongestDays, now) : this;
}
