using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>What a bucket key lets its holder do.</summary>
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

/// <summary>Asks for a new bucket and its first key.</summary>
/// <param name="Id">
/// Wanted id, 3 to 64 of <c>a-z A-Z 0-9 . _ -</c>, beginning with a letter or digit; null or empty for a random one.
/// </param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="KeyMode">Mode of the first key; full when absent.</param>
/// <param name="KeyHash">
/// Zero-knowledge form: hash of a key that only the client knows (<see cref="KeyHashFormat"/>); null when the server is to make the key.
/// </param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
/// <param name="OrganizationId">
/// Organization it is for; null or empty for the caller's own. Only administrators of the top level may name another.
/// </param>
/// <param name="HoldDays">
/// Days for which deleted files are held, 0 to 3650; null for the server's default (<c>Halley:Storage:HoldDays</c>). Only full
/// administrators may give it.
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
/// Changes to a bucket; what is null stays. All but the label is for full administrators: those of the top level who may change the
/// server's settings.
/// </summary>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="HoldDays">
/// Days for which deleted files are held, 0 to 3650. More counts at once; fewer counts after as many days as it was before.
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
/// <param name="Label">Name for people; empty when none was given.</param>
/// <param name="CreatedAt">UTC time at which it was registered.</param>
/// <param name="Bytes">Bytes of all its files. Counted as files come and go; a measurement corrects it.</param>
/// <param name="Files">Number of its files, counted like <paramref name="Bytes"/>.</param>
/// <param name="MeasuredAt">UTC time of the last complete measurement on disk; null when there was none yet.</param>
/// <param name="LastWriteAt">UTC time of the last accepted upload; null when there was none.</param>
/// <param name="Keys">Number of keys that are valid now.</param>
/// <param name="OrganizationId">Organization it belongs to; empty for the top level.</param>
/// <param name="Protection">What keeps its files from being deleted.</param>
/// <param name="Quota">How large it may become.</param>
/// <param name="VerifiedAt">
/// Every byte of it that is older was read and found right since this UTC time; null before a first scrub has been over all of it.
/// </param>
/// <param name="MovedTo">
/// Address of its vault on the server it has moved to; then it is only read here. Null for a bucket that is at home here.
/// </param>
public sealed record BucketInfo(
    string Id, string Label, DateTime CreatedAt, long Bytes, long Files, DateTime? MeasuredAt, DateTime? LastWriteAt, int Keys,
    string OrganizationId, BucketProtection Protection, BucketQuota Quota, DateTime? VerifiedAt = null, string? MovedTo = null);

/// <summary>What keeps a bucket's files from being deleted.</summary>
/// <param name="HoldDays">Days for which deleted files are held, by the server's clock; 0 for none.</param>
/// <param name="PendingHoldDays">Fewer days that were asked for and do not count yet; null when there is no such wish.</param>
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

/// <summary>Asks for a further key of a bucket. A key by hash that is there already is answered as it is and not added twice.</summary>
/// <param name="Mode">What it allows.</param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null for never.</param>
/// <param name="KeyHash">Zero-knowledge form, as in <see cref="CreateBucket"/>.</param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>, as in <see cref="CreateBucket"/>.</param>
public sealed record CreateBucketKey(
    BucketKeyMode Mode = BucketKeyMode.Full, string? Label = null, DateTime? ExpiresAt = null, string? KeyHash = null,
    int? KeyHashFormat = null);

/// <summary>A key that was made.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">The pre-shared key, shown here and never again; null when the client gave a hash.</param>
public sealed record BucketKeyCreated(BucketKeyInfo Key, string? Secret);

/// <summary>A key of a bucket as the API shows it. The secret itself is not known to the server.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Mode">What it allows.</param>
/// <param name="Label">Name for people; empty when none was given.</param>
/// <param name="CreatedAt">UTC time at which it was made.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null for never.</param>
/// <param name="LastUsedAt">UTC time of its last accepted use, exact to about a minute; null when it was never used.</param>
public sealed record BucketKeyInfo(
    Guid Id, BucketKeyMode Mode, string Label, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt);
