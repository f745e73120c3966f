namespace Halley.Storage.Trash;

/// <summary>A folder of a deleted bucket that is held on a volume.</summary>
/// <param name="Folder">Its name.</param>
/// <param name="BucketId">The bucket that it was.</param>
/// <param name="DeletedAt">UTC time at which the bucket was deleted.</param>
/// <param name="Days">Days for which it is held.</param>
/// <param name="IsTrash">True for what was in the bucket's trash.</param>
public sealed record HeldBucket(string Folder, string BucketId, DateTime DeletedAt, int Days, bool IsTrash);
