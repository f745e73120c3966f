using System.Globalization;

namespace Halley.Storage.Trash;

/// <summary>
/// Name of the folder of a deleted bucket. With a hold it says itself how long it is held, because nothing else knows of the bucket any more:
/// <c>{bucket}.{unique}.{Unix milliseconds}.{days}</c>; without one it is <c>{bucket}.{unique}</c> and can be removed at once.
/// </summary>
internal static class HeldBucketName
{
    private const int UniqueLength = 32;
    private const int MostDigitsOfDays = 4;

    public static string New(string bucketId, int holdDays, DateTimeOffset deletedAt) => holdDays == 0
        ? $"{bucketId}.{Guid.NewGuid():N}"
        : string.Create(CultureInfo.InvariantCulture, $"{bucketId}.{Guid.NewGuid():N}.{deletedAt.ToUnixTimeMilliseconds()}.{holdDays}");

    /// <summary>When the bucket was deleted and for how many days it is held; null when it is not held.</summary>
    public static (DateTime DeletedAt, int Days)? Parse(string folder)
    {
        var parts = folder.Split('.');
        return parts.Length >= 4
            && parts[^1].Length <= MostDigitsOfDays
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && long.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && parts[^3].Length == UniqueLength
                ? (DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime, days)
                : null;
    }
}
