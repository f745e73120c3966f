using System.Globalization;

namespace Halley.Storage.Trash;

/// <summary>
/// Name of the folder of a deleted bucket. With a hold the name itself states its duration, because no other record of the bucket remains:
/// <c>{bucket}.{unique}.{Unix milliseconds}.{days}</c>. Without one it is <c>{bucket}.{unique}</c>, and the folder can be removed at once.
/// The content of the bucket's trash has a folder of its own, whose unique part begins with <c>t</c> instead of a hex digit.
/// </summary>
internal static class HeldBucketName
{
    private const int UniqueLength = 32;
    private const int MostDigitsOfDays = 4;
    private const char TrashMark = 't';

    public static string New(string bucketId, bool isTrash, int holdDays, DateTimeOffset deletedAt)
    {
        var unique = Guid.NewGuid().ToString("N");
        unique = isTrash ? TrashMark + unique[1..] : unique;
        return holdDays == 0
            ? $"{bucketId}.{unique}"
            : string.Create(CultureInfo.InvariantCulture, $"{bucketId}.{unique}.{deletedAt.ToUnixTimeMilliseconds()}.{holdDays}");
    }

    /// <summary>Parses the name of a folder; null when it is not held.</summary>
    public static HeldBucket? Parse(string folder)
    {
        var parts = folder.Split('.');
        return parts.Length >= 4
            && parts[^1].Length <= MostDigitsOfDays
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && long.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && parts[^3].Length == UniqueLength
                ? new HeldBucket(
                    folder, string.Join('.', parts[..^3]), DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime, days,
                    parts[^3][0] == TrashMark)
                : null;
    }
}

/// <summary>A folder of a deleted bucket that is held on a volume.</summary>
/// <param name="Folder">Its name.</param>
/// <param name="BucketId">The id of the bucket.</param>
/// <param name="DeletedAt">UTC time at which the bucket was deleted.</param>
/// <param name="Days">Days for which it is held.</param>
/// <param name="IsTrash">True for the content of the bucket's trash.</param>
public sealed record HeldBucket(string Folder, string BucketId, DateTime DeletedAt, int Days, bool IsTrash);
