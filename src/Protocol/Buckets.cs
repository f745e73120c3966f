using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>The rights of a bucket key.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BucketKeyMode>))]
public enum BucketKeyMode
{
    /// <summary>Read, write and delete.</summary>
    [JsonStringEnumMemberName("full")]
    Full = 0,

    /// <summary>Read and write; only lock files can be deleted.</summary>
    [JsonStringEnumMemberName("append-only")]
    AppendOnly = 1,

    /// <summary>Read only; lock files can be written and deleted, because a restore locks the repository too.</summary>
    [JsonStringEnumMemberName("read-only")]
    ReadOnly = 2,
}

/// <summary>Requests a new bucket and its first key.</summary>
/// <param name="Id">
/// Requested id, 3 to 64 of <c>a-z A-Z 0-9 . _ -</c>, beginning with a letter or digit; null or empty for a random one.
/// </param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="KeyMode">Mode of the first key; full when absent.</param>
/// <param name="KeyHash">
/// Zero-knowledge form: hash of a key that only the client knows (<see cref="KeyHashFormat"/>); null when the server generates the key.
/// </param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
/// <param name="OrganizationId">
/// Organization it is for; null or empty for the caller's own. Only administrators of the top level may name another.
/// </param>
/// <param name="HoldDays">
/// Days for which deleted files are held, 0 to 3650; null for the server's default (<c>Halley:Storage:HoldDays</c>). Only full
/// administrators may set it.
/// </param>
public sealed record CreateBucket(
    string? Id = null, string? Label = null, BucketKeyMode KeyMode = BucketKeyMode.Full, string? KeyHash = null, int? KeyHashFormat = null,
    string? OrganizationId = null, int? HoldDays = null);

/// <summary>A bucket that was made.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">Its first key.</param>
/// <param name="Secret">The pre-shared key, 32 lower-case hex digits; shown here and never again. Null when the client gave a hash.</param>
public sealed record BucketCreated(BucketInfo Bucket, BucketKeyInfo Key, string? Secret);

/// <summary>
/// Changes to a bucket; null leaves a value unchanged. All but the label require a full administrator: one of the top level with the right
/// to change the server's settings.
/// </summary>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="HoldDays">
/// Days for which deleted files are held, 0 to 3650. An increase counts at once; a decrease counts after as many days as it was before.
/// </param>
/// <param name="Brake">
/// False switches off the brake that freezes deletes when far more than usual is deleted; it only works while a hold is on.
/// </param>
/// <param name="SoftQuotaBytes">Size, held files included, from which administrators are warned; 0 for none.</param>
/// <param name="HardQuotaBytes">Size, held files included, above which uploads are refused with 507; 0 for none.</param>
public sealed record UpdateBucket(
    string? Label = null, int? HoldDays = null, bool? Brake = null, long? SoftQuotaBytes = null, long? HardQuotaBytes = null);

/// <summary>A bucket as the API shows it.</summary>
/// <param name="Id">Its id: user name of HTTP Basic, part of the URL and name of its folder on every volume.</param>
/// <param name="Label">Name for people; empty without one.</param>
/// <param name="CreatedAt">UTC time at which it was registered.</param>
/// <param name="Bytes">Bytes of all its files. Counted as files are added and removed; a measurement corrects it.</param>
/// <param name="Files">Number of its files, counted like <paramref name="Bytes"/>.</param>
/// <param name="MeasuredAt">UTC time of the last complete measurement on disk; null when there was none yet.</param>
/// <param name="LastWriteAt">UTC time of the last accepted upload; null when there was none.</param>
/// <param name="Keys">Number of keys that are valid now.</param>
/// <param name="OrganizationId">Organization it belongs to; empty for the top level.</param>
/// <param name="Protection">The protection of its files against deletion.</param>
/// <param name="Quota">How large it may become.</param>
/// <param name="VerifiedAt">
/// Every byte of it that is older was read and verified since this UTC time; null before the first scrub has covered all of it.
/// </param>
/// <param name="MovedTo">
/// Address of its vault on the server it has moved to; it is then read-only here. Null for a bucket that has not moved.
/// </param>
public sealed record BucketInfo(
    string Id, string Label, DateTime CreatedAt, long Bytes, long Files, DateTime? MeasuredAt, DateTime? LastWriteAt, int Keys,
    string OrganizationId, BucketProtection Protection, BucketQuota Quota, DateTime? VerifiedAt = null, string? MovedTo = null);

/// <summary>The protection of a bucket's files against deletion.</summary>
/// <param name="HoldDays">Days for which deleted files are held, by the server's clock; 0 for none.</param>
/// <param name="PendingHoldDays">Requested decrease of the days that does not count yet; null without such a request.</param>
/// <param name="PendingFrom">UTC time from which they count at the earliest.</param>
/// <param name="TrashBytes">Bytes of the files that are held.</param>
/// <param name="TrashFiles">Number of the files that are held.</param>
/// <param name="Brake">True: deletes are frozen when far more than usual is deleted, as long as a hold is on.</param>
/// <param name="FrozenAt">UTC time at which deletes were frozen; null while they are not.</param>
public sealed record BucketProtection(
    int HoldDays, int? PendingHoldDays, DateTime? PendingFrom, long TrashBytes, long TrashFiles, bool Brake, DateTime? FrozenAt);

/// <summary>How large a bucket or an organization may become.</summary>
/// <param name="SoftBytes">Size from which administrators are warned; null for none.</param>
/// <param name="HardBytes">Size above which uploads are refused with 507; null for none.</param>
/// <param name="UsedBytes">What counts for both: its files and those that are held.</param>
public sealed record BucketQuota(long? SoftBytes, long? HardBytes, long UsedBytes);

/// <summary>Requests a further key of a bucket. A key by hash that already exists is returned unchanged and not added twice.</summary>
/// <param name="Mode">Its rights.</param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null for never.</param>
/// <param name="KeyHash">Zero-knowledge form, as in <see cref="CreateBucket"/>.</param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>, as in <see cref="CreateBucket"/>.</param>
public sealed record CreateBucketKey(
    BucketKeyMode Mode = BucketKeyMode.Full, string? Label = null, DateTime? ExpiresAt = null, string? KeyHash = null,
    int? KeyHashFormat = null);

/// <summary>
/// Adds a successor to the key with which the request is authenticated; it has the same mode, label and expiry. A successor that already
/// exists is returned unchanged.
/// </summary>
/// <param name="KeyHash">Hash of the new key, which only its holder knows, of format 1 as in <see cref="CreateBucket"/>.</param>
public sealed record SucceedBucketKey(string KeyHash);

/// <summary>Retires the key with which the request is authenticated.</summary>
/// <param name="Days">Days for which it still opens the bucket, 0 to 365, so that other devices learn of its successor.</param>
public sealed record RetireBucketKey(int Days);

/// <summary>A key that was made.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">The pre-shared key, shown here and never again; null when the client gave a hash.</param>
public sealed record BucketKeyCreated(BucketKeyInfo Key, string? Secret);

/// <summary>A key of a bucket as the API shows it. The secret itself is not known to the server.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Mode">Its rights.</param>
/// <param name="Label">Name for people; empty without one.</param>
/// <param name="CreatedAt">UTC time at which it was created.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null for never.</param>
/// <param name="LastUsedAt">UTC time of its last accepted use, exact to about a minute; null when it was never used.</param>
public sealed record BucketKeyInfo(
    Guid Id, BucketKeyMode Mode, string Label, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt);
