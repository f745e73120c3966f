using System.Security.Cryptography;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>The keys of buckets. A bucket may have several at once, so that a new one can be handed out before the old one is revoked.</summary>
internal sealed partial class BucketKeys(
    IDbContextFactory<ServerDbContext> databases, BucketDirectory directory, CredentialHasher hasher, TimeProvider time,
    ILogger<BucketKeys> logger) : IDisposable
{
    /// <summary>A wrong secret costs one slow comparison per key, so there is a limit.</summary>
    public const int MaximumPerBucket = 16;

    private readonly SemaphoreSlim _changes = new(1);

    public async Task<IReadOnlyList<BucketKeyInfo>?> ListAsync(string bucketId, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await IsInAsync(database, bucketId, scope, cancellationToken) || !directory.TryFind(bucketId, out var open))
        {
            return null;
        }

        var uses = open.Keys.ToDictionary(key => key.Id, key => key.Use.LastUsedAt);
        var keys = await database.Set<BucketKey>().AsNoTracking().Where(key => key.BucketId == bucketId)
            .OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
        return [.. keys.Select(key => key.ToWire() with { LastUsedAt = uses.GetValueOrDefault(key.Id) ?? key.LastUsedAt })];
    }

    public async Task<BucketChange<BucketKeyCreated>> AddAsync(
        string bucketId, TenantScope scope, CreateBucketKey request, CancellationToken cancellationToken)
    {
        var made = Make(bucketId, request);
        if (made.Refusal is { } refusal)
        {
            return BucketChange<BucketKeyCreated>.Refused(refusal.Code, refusal.Reason);
        }

        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (!await IsInAsync(database, bucketId, scope, cancellationToken) || !directory.TryFind(bucketId, out var open))
            {
                return BucketChange<BucketKeyCreated>.NotFound;
            }

            if (request.KeyHash is { Length: > 0 } hash && await FindAsync(database, bucketId, hash, request.Mode, cancellationToken) is { } same)
            {
                return BucketChange<BucketKeyCreated>.Done(new BucketKeyCreated(same.ToWire(), Secret: null));
            }

            if (open.Keys.Count >= MaximumPerBucket)
            {
                return BucketChange<BucketKeyCreated>.Refused(
                    "too_many_keys", $"A bucket has at most {MaximumPerBucket} keys. Revoke one that is no longer used.", isConflict: true);
            }

            var (key, secret) = made.Value!;
            database.Add(key);
            await database.SaveChangesAsync(cancellationToken);
            await ReloadAsync(database, open, cancellationToken);
            LogAdded(logger, key.Id, bucketId);
            return BucketChange<BucketKeyCreated>.Done(new BucketKeyCreated(key.ToWire(), secret));
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Revokes a key; the next request with it is refused. False when there is no such key.</summary>
    public async Task<bool> RevokeAsync(string bucketId, TenantScope scope, Guid keyId, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (!await IsInAsync(database, bucketId, scope, cancellationToken))
            {
                return false;
            }

            var revoked = await database.Set<BucketKey>().Where(key => key.BucketId == bucketId && key.Id == keyId).ExecuteDeleteAsync(cancellationToken);
            if (revoked == 0 || !directory.TryFind(bucketId, out var open))
            {
                return false;
            }

            await ReloadAsync(database, open, cancellationToken);
            LogRevoked(logger, keyId, bucketId);
            return true;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Replaces a hash that was made in an older way, now that the secret is known for a moment.</summary>
    public async Task RenewHashAsync(OpenBucket open, AccessKey key, string secret, CancellationToken cancellationToken)
    {
        var hash = hasher.Hash(secret);
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<BucketKey>().Where(stored => stored.Id == key.Id && stored.Hash == key.Hash).ExecuteUpdateAsync(
                set => set.SetProperty(stored => stored.Hash, hash).SetProperty(stored => stored.Format, CredentialHasher.CurrentFormat), cancellationToken);
            await ReloadAsync(database, open, cancellationToken);
            LogRenewed(logger, key.Id, open.Id);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>A key that is not stored yet, with its secret when the server made it.</summary>
    public BucketChange<NewKey> Make(string bucketId, CreateBucketKey request)
    {
        if (request.Label?.Length > BucketLabel.MaximumLength)
        {
            return BucketChange<NewKey>.Refused("label_too_long", BucketLabel.Rule);
        }

        if (!Enum.IsDefined(request.Mode))
        {
            return BucketChange<NewKey>.Refused("key_mode_invalid", "The mode is one of full, append-only and read-only.");
        }

        var now = time.GetUtcNow().UtcDateTime;
        var expires = request.ExpiresAt?.ToUniversalTime();
        if (expires <= now)
        {
            return BucketChange<NewKey>.Refused("key_expired", "expiresAt lies in the past; give a time to come, or leave it out.");
        }

        var given = !string.IsNullOrEmpty(request.KeyHash);
        var format = given ? request.KeyHashFormat ?? CredentialHasher.CurrentFormat : CredentialHasher.CurrentFormat;
        if (given && !CredentialHasher.IsWellFormed(format, request.KeyHash!))
        {
            return BucketChange<NewKey>.Refused(
                "key_hash_invalid", "The key hash must be of format 1: bcrypt ($2a$, work factor 4 to 16) over base64(SHA-512(key text)).");
        }

        var secret = given ? null : RandomNumberGenerator.GetHexString(32, lowercase: true);
        return BucketChange<NewKey>.Done(new NewKey(
            new BucketKey
            {
                Id = Guid.NewGuid(),
                BucketId = bucketId,
                Mode = request.Mode,
                Label = request.Label ?? "",
                Format = format,
                Hash = secret is null ? request.KeyHash! : hasher.Hash(secret),
                CreatedAt = now,
                ExpiresAt = expires,
            },
            secret));
    }

    public void Dispose() => _changes.Dispose();

    // A hash has a salt of its own: when it is there already, this is the same key, sent again.
    private static Task<BucketKey?> FindAsync(
        ServerDbContext database, string bucketId, string hash, BucketKeyMode mode, CancellationToken cancellationToken) =>
        database.Set<BucketKey>().AsNoTracking().FirstOrDefaultAsync(key => key.BucketId == bucketId && key.Hash == hash && key.Mode == mode, cancellationToken);

    private static Task<bool> IsInAsync(ServerDbContext database, string bucketId, TenantScope scope, CancellationToken cancellationToken) =>
        database.Set<Bucket>().In(scope).AnyAsync(bucket => bucket.Id == bucketId, cancellationToken);

    private static async Task ReloadAsync(ServerDbContext database, OpenBucket open, CancellationToken cancellationToken) =>
        open.SetKeys(await database.Set<BucketKey>().AsNoTracking().Where(key => key.BucketId == open.Id).ToListAsync(cancellationToken));

    [LoggerMessage(LogEvents.BucketKeyAdded, LogLevel.Information, "Key {Key} was added to bucket {Bucket}")]
    private static partial void LogAdded(ILogger logger, Guid key, string bucket);

    [LoggerMessage(LogEvents.BucketKeyRevoked, LogLevel.Information, "Key {Key} of bucket {Bucket} was revoked")]
    private static partial void LogRevoked(ILogger logger, Guid key, string bucket);

    [LoggerMessage(LogEvents.BucketKeyRenewed, LogLevel.Information, "The hash of key {Key} of bucket {Bucket} was brought up to date")]
    private static partial void LogRenewed(ILogger logger, Guid key, string bucket);
}

/// <summary>A key that is about to be stored.</summary>
/// <param name="Key">The row.</param>
/// <param name="Secret">What its holder must show; null when only the client knows it.</param>
internal sealed record NewKey(BucketKey Key, string? Secret);
