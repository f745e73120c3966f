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
/// <param name="Id">Wanted id, 3 to 64 of <c>a-z A-Z 0-9 . _ -</c>, beginning with a letter or digit; null or empty for a random one.</param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="KeyMode">Mode of the first key; full when absent.</param>
/// <param name="KeyHash">Zero-knowledge form: hash of a key that only the client knows (<see cref="KeyHashFormat"/>); null when the server is to make the key.</param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
/// <param name="OrganizationId">Organization it is for; null or empty for the caller's own. Only administrators of the top level may name another.</param>
public sealed record CreateBucket(
    string? Id = null, string? Label = null, BucketKeyMode KeyMode = BucketKeyMode.Full, string? KeyHash = null, int? KeyHashFormat = null,
    string? OrganizationId = null);

/// <summary>A bucket that was made.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">Its first key.</param>
/// <param name="Secret">The pre-shared key, 32 lower-case hex digits; shown here and never again. Null when the client gave a hash.</param>
public sealed record BucketCreated(BucketInfo Bucket, BucketKeyInfo Key, string? Secret);

/// <summary>Changes to a bucket; what is null stays.</summary>
/// <param name="Label">Name for people, at most 200 characters.</param>
public sealed record UpdateBucket(string? Label = null);

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
/// <param name="VerifiedAt">Every byte of it that is older was read and found right since this UTC time; null before a first scrub has been over all of it.</param>
public sealed record BucketInfo(
    string Id, string Label, DateTime CreatedAt, long Bytes, long Files, DateTime? MeasuredAt, DateTime? LastWriteAt, int Keys,
    string OrganizationId, DateTime? VerifiedAt = null);

/// <summary>Asks for a further key of a bucket.</summary>
/// <param name="Mode">What it allows.</param>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null for never.</param>
/// <param name="KeyHash">Zero-knowledge form, as in <see cref="CreateBucket"/>.</param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>, as in <see cref="CreateBucket"/>.</param>
public sealed record CreateBucketKey(
    BucketKeyMode Mode = BucketKeyMode.Full, string? Label = null, DateTime? ExpiresAt = null, string? KeyHash = null, int? KeyHashFormat = null);

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
