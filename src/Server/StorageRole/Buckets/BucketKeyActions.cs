using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// The operations on the keys of a bucket. A bucket can have several, so that a new key is in use before the old one is revoked.
/// </summary>
internal sealed partial class BucketKeyActions(
    IDbContextFactory<ServerDbContext> databases, BucketCache cache, CredentialHasher hasher, TimeProvider time,
    ILogger<BucketKeyActions> logger) : IDisposable
{
    /// <summary>
    /// A wrong secret costs one slow comparison per key whose <see cref="KeyHint"/> is unknown, and takes the time of so many for every
    /// bucket.
    /// </summary>
    public const int MaximumPerBucket = 16;

    private const int MostDays = 365;

    private static readonly Refusal KeyNotFound = Refusal.NotFound("key_not_found", "The bucket has no key with this id.");

    private static readonly Refusal TooManyKeys = Refusal.Conflict(
        "too_many_keys", $"A bucket has at most {MaximumPerBucket} keys. Revoke one that is no longer used.");

    private readonly SemaphoreSlim _changes = new(1);

    public async Task<Outcome<Page<BucketKeyInfo>>> ListAsync(Caller caller, string bucketId, CancellationToken cancellationToken)
    {
        if (cache.Find(bucketId, caller.Scope) is not { } open)
        {
            return BucketRefusals.NotFound;
        }

        var uses = open.Keys.ToDictionary(key => key.Id, key => key.Use.LastUsedAt);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var keys = await database.Set<BucketKey>().AsNoTracking().Where(key => key.BucketId == bucketId)
            .OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
        return new Page<BucketKeyInfo>(
            keys.ConvertAll(key => key.ToWire() with { LastUsedAt = uses.GetValueOrDefault(key.Id) ?? key.LastUsedAt }), Next: null);
    }

    public async Task<Outcome<BucketKeyCreated>> AddAsync(
        Caller caller, string bucketId, CreateBucketKey request, CancellationToken cancellationToken)
    {
        if (!Make(bucketId, request).TryGet(out var made, out var refusal))
        {
            return refusal;
        }

        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (cache.Find(bucketId, caller.Scope) is not { } open)
            {
                return BucketRefusals.NotFound;
            }

            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (request.KeyHash is { Length: > 0 } hash
                && await FindAsync(database, bucketId, hash, request.Mode, cancellationToken) is { } same)
            {
                return new BucketKeyCreated(same.ToWire(), Secret: null);
            }

            if (open.Keys.Count >= MaximumPerBucket)
            {
                return TooManyKeys;
            }

            database.Add(made.Key);
            database.Add(EventOf(
                StreamableEventType.BucketKeyAdded, caller, open, new { made.Key.Id, Mode = made.Key.Mode.ToString(), made.Key.Label }));
            await database.SaveChangesAsync(cancellationToken);
            await ReloadAsync(database, open, cancellationToken);
            LogAdded(logger, made.Key.Id, bucketId);
            return new BucketKeyCreated(made.Key.ToWire(), made.Secret);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Revokes a key; the next request that uses it is rejected.</summary>
    public async Task<Refusal?> RevokeAsync(Caller caller, string bucketId, Guid keyId, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
            if (cache.Find(bucketId, caller.Scope) is not { } open
                || await database.Set<BucketKey>().Where(key => key.BucketId == bucketId && key.Id == keyId)
                    .ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return KeyNotFound;
            }

            database.Add(EventOf(StreamableEventType.BucketKeyRevoked, caller, open, new { Id = keyId }));
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
            await ReloadAsync(database, open, cancellationToken);
            LogRevoked(logger, keyId, bucketId);
            return null;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>
    /// Adds a successor of a key for its holder, with the same rights: nobody gets more by it, and both work until the old one is retired.
    /// </summary>
    public async Task<Outcome<BucketKeyInfo>> SucceedAsync(
        OpenBucket bucket, AccessKey key, SucceedBucketKey request, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var stored = database.Set<BucketKey>().AsNoTracking();
            if (await stored.FirstOrDefaultAsync(row => row.Id == key.Id, cancellationToken) is not { } old)
            {
                return KeyNotFound;
            }

            var successor = new CreateBucketKey(
                old.Mode, old.Label, old.ExpiresAt, string.IsNullOrEmpty(request.KeyHash) ? "-" : request.KeyHash);
            if (!Make(bucket.Id, successor).TryGet(out var made, out var refusal))
            {
                return refusal;
            }

            if (await FindAsync(database, bucket.Id, request.KeyHash, old.Mode, cancellationToken) is { } same)
            {
                return same.ToWire();
            }

            await database.Set<BucketKey>().Where(row => row.BucketId == bucket.Id && row.ExpiresAt <= made.Key.CreatedAt)
                .ExecuteDeleteAsync(cancellationToken);
            if (await database.Set<BucketKey>().CountAsync(row => row.BucketId == bucket.Id, cancellationToken) >= MaximumPerBucket)
            {
                return TooManyKeys;
            }

            database.Add(made.Key);
            database.Add(EventOf(
                StreamableEventType.BucketKeyAdded, HolderOf(key), bucket,
                new { made.Key.Id, Mode = made.Key.Mode.ToString(), made.Key.Label, Succeeds = key.Id }));
            await database.SaveChangesAsync(cancellationToken);
            await ReloadAsync(database, bucket, cancellationToken);
            LogAdded(logger, made.Key.Id, bucket.Id);
            return made.Key.ToWire();
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Lets a key end after some days, for its holder. Another key with the same rights must last longer.</summary>
    public async Task<Refusal?> RetireAsync(OpenBucket bucket, AccessKey key, int days, CancellationToken cancellationToken)
    {
        if (days is < 0 or > MostDays)
        {
            return Refusal.Invalid("days_invalid", $"A key is retired after 0 to {MostDays} days.");
        }

        await _changes.WaitAsync(cancellationToken);
        try
        {
            var end = time.GetUtcNow().UtcDateTime.AddDays(days);
            end = key.ExpiresAt < end ? key.ExpiresAt.Value : end;
            if (!bucket.Keys.Any(other => other.Id != key.Id && other.Mode == key.Mode && !(other.ExpiresAt < end)))
            {
                return Refusal.Conflict("last_key", "This is the last key with these rights. Add its successor first.");
            }

            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
            var row = database.Set<BucketKey>().Where(row => row.BucketId == bucket.Id && row.Id == key.Id);
            if (await (days == 0
                ? row.ExecuteDeleteAsync(cancellationToken)
                : row.ExecuteUpdateAsync(set => set.SetProperty(stored => stored.ExpiresAt, end), cancellationToken)) == 0)
            {
                return KeyNotFound;
            }

            database.Add(EventOf(StreamableEventType.BucketKeyRevoked, HolderOf(key), bucket, new { key.Id, ExpiresAt = end }));
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
            await ReloadAsync(database, bucket, cancellationToken);
            LogRetired(logger, key.Id, bucket.Id, end);
            return null;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Replaces a hash of an older format while the secret is at hand.</summary>
    public async Task RenewHashAsync(OpenBucket open, AccessKey key, string secret, CancellationToken cancellationToken)
    {
        var hash = hasher.Hash(secret);
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<BucketKey>().Where(stored => stored.Id == key.Id && stored.Hash == key.Hash).ExecuteUpdateAsync(
                set => set.SetProperty(stored => stored.Hash, hash).SetProperty(stored => stored.Format, CredentialHasher.CurrentFormat),
                cancellationToken);
            await ReloadAsync(database, open, cancellationToken);
            LogRenewed(logger, key.Id, open.Id);
        }
        finally
        {
            _changes.Release();
        }
    }

    private static Caller HolderOf(AccessKey key) => Caller.Server with { Name = $"key {key.Id}" };

    private EventRecord EventOf(StreamableEventType type, Caller caller, OpenBucket bucket, object data) => EventRecord.Of(
        type, time.GetUtcNow(), caller.Name, bucket.OrganizationId, bucket.Id, JsonSerializer.Serialize(data));

    /// <summary>A key that is not stored yet.</summary>
    public Outcome<NewKey> Make(string bucketId, CreateBucketKey request)
    {
        if (request.Label?.Length > BucketLabel.MaximumLength)
        {
            return Refusal.Invalid("label_too_long", BucketLabel.Rule);
        }

        if (!Enum.IsDefined(request.Mode))
        {
            return Refusal.Invalid("key_mode_invalid", "The mode is one of full, append-only and read-only.");
        }

        var now = time.GetUtcNow().UtcDateTime;
        var expires = request.ExpiresAt?.ToUniversalTime();
        if (expires <= now)
        {
            return Refusal.Invalid("key_expired", "expiresAt is in the past. Give a later time, or leave it out.");
        }

        var given = !string.IsNullOrEmpty(request.KeyHash);
        var format = given ? request.KeyHashFormat ?? CredentialHasher.CurrentFormat : CredentialHasher.CurrentFormat;
        if (given && !CredentialHasher.IsAcceptable(format, request.KeyHash!, hasher.WorkFactor))
        {
            return Refusal.Invalid(
                "key_hash_invalid",
                "The key hash must be of format 1: bcrypt ($2a$, work factor 4 to "
                + $"{Math.Max(CredentialHasher.UsualWorkFactor, hasher.WorkFactor)}) over base64(SHA-512(key text)).");
        }

        var secret = given ? null : RandomNumberGenerator.GetHexString(32, lowercase: true);
        return new NewKey(
            new BucketKey
            {
                Id = secret is null ? Guid.NewGuid() : KeyHint.NewId(secret),
                BucketId = bucketId,
                Mode = request.Mode,
                Label = request.Label ?? "",
                Format = format,
                Hash = secret is null ? request.KeyHash! : hasher.Hash(secret),
                CreatedAt = now,
                ExpiresAt = expires,
            },
            secret);
    }

    public void Dispose() => _changes.Dispose();

    // Every hash has its own salt, so an equal hash is the same key, sent again.
    private static Task<BucketKey?> FindAsync(
        ServerDbContext database, string bucketId, string hash, BucketKeyMode mode, CancellationToken cancellationToken) =>
        database.Set<BucketKey>().AsNoTracking()
            .FirstOrDefaultAsync(key => key.BucketId == bucketId && key.Hash == hash && key.Mode == mode, cancellationToken);

    private async Task ReloadAsync(ServerDbContext database, OpenBucket open, CancellationToken cancellationToken)
    {
        open.SetKeys(await database.Set<BucketKey>().AsNoTracking().Where(key => key.BucketId == open.Id).ToListAsync(cancellationToken));
        cache.Changed();
    }

    [LoggerMessage(LogEvents.BucketKeyAdded, LogLevel.Information, "Key {Key} was added to bucket {Bucket}")]
    private static partial void LogAdded(ILogger logger, Guid key, string bucket);

    [LoggerMessage(LogEvents.BucketKeyRevoked, LogLevel.Information, "Key {Key} of bucket {Bucket} was revoked")]
    private static partial void LogRevoked(ILogger logger, Guid key, string bucket);

    [LoggerMessage(LogEvents.BucketKeyRetired, LogLevel.Information, "Key {Key} of bucket {Bucket} ends at {End}, as its holder asked")]
    private static partial void LogRetired(ILogger logger, Guid key, string bucket, DateTime end);

    [LoggerMessage(LogEvents.BucketKeyRenewed, LogLevel.Information, "The hash of key {Key} of bucket {Bucket} was brought up to date")]
    private static partial void LogRenewed(ILogger logger, Guid key, string bucket);
}

/// <summary>A key that is about to be stored.</summary>
/// <param name="Key">The row.</param>
/// <param name="Secret">The secret of its holder; null when only the client knows it.</param>
internal sealed record NewKey(BucketKey Key, string? Secret);
