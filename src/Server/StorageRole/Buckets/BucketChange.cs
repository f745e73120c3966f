namespace Halley.Server.StorageRole.Buckets;

/// <summary>What became of a change: the result, or why it was refused.</summary>
internal sealed record BucketChange<T>(T? Value, BucketRefusal? Refusal)
    where T : class
{
    public static BucketChange<T> NotFound { get; } =
        new(null, new BucketRefusal("bucket_not_found", "There is no bucket with this id.", IsMissing: true));

    public static BucketChange<T> Done(T value) => new(value, null);

    public static BucketChange<T> Refused(string code, string reason, bool isConflict = false) =>
        new(null, new BucketRefusal(code, reason, IsConflict: isConflict));
}

/// <summary>A refusal: a stable code, and what the caller can do about it.</summary>
internal sealed record BucketRefusal(string Code, string Reason, bool IsMissing = false, bool IsConflict = false);
