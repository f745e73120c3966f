using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.History;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Storage;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Buckets come, get names, and go.</summary>
internal sealed partial class BucketRegistration(
    IDbContextFactory<ServerDbContext> databases, BucketDirectory directory, BucketKeys keys, VolumeSet volumes, OrganizationDirectory organizations,
    StorageOptions options, TimeProvider time, ILogger<BucketRegistration> logger)
{
    /// <summary>Buckets in the order of their ids, after a given one.</summary>
    public async Task<IReadOnlyList<BucketInfo>> ListAsync(TenantScope scope, string? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var query = Live(database).In(scope);
        if (!string.IsNullOrEmpty(after))
        {
            query = query.Where(bucket => bucket.FoldedId.CompareTo(BucketId.Fold(after)) > 0);
        }

        var buckets = await query.OrderBy(bucket => bucket.FoldedId).Take(limit).ToListAsync(cancellationToken);
        var verified = await ScrubTimes.OldestByBucketAsync(database, [.. buckets.Select(bucket => bucket.Id)], cancellationToken);
        return [.. buckets.Select(bucket => ToWire(bucket, verified.TryGetValue(bucket.Id, out var oldest) ? oldest : null))];
    }

    public async Task<BucketInfo?> FindAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await Live(database).In(scope).FirstOrDefaultAsync(bucket => bucket.Id == id, cancellationToken) is not { } bucket)
        {
            return null;
        }

        var verified = await ScrubTimes.OldestByBucketAsync(database, [id], cancellationToken);
        return ToWire(bucket, verified.TryGetValue(id, out var oldest) ? oldest : null);
    }

    /// <summary>The stored rows, with hashes and measurements, for the compatible API.</summary>
    public async Task<IReadOnlyList<Bucket>> ListStoredAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(database).In(scope).OrderBy(bucket => bucket.FoldedId).ToListAsync(cancellationToken);
    }

    /// <summary>One stored row, as <see cref="ListStoredAsync"/> gives them; null when there is no such bucket.</summary>
    public async Task<Bucket?> FindStoredAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(database).In(scope).FirstOrDefaultAsync(bucket => bucket.Id == id, cancellationToken);
    }

    /// <summary>Why a bucket cannot have an id that is taken.</summary>
    public static BucketRefusal Exists { get; } =
        new("bucket_exists", "There is a bucket with this id, or one is still being deleted. Choose another id.", IsConflict: true);

    public Task<BucketChange<BucketCreated>> CreateAsync(CreateBucket request, TenantScope scope, string actor, CancellationToken cancellationToken) =>
        AddAsync(request, scope, actor, StreamableEventType.BucketNew, _ => Task.FromResult<BucketRefusal?>(null), cancellationToken);

    /// <summary>Registers a bucket once a last step before it has succeeded, which is only tried when everything that was asked for makes sense.</summary>
    public async Task<BucketChange<BucketCreated>> AddAsync(
        CreateBucket request, TenantScope scope, string actor, StreamableEventType told, Func<Bucket, Task<BucketRefusal?>> prepare, CancellationToken cancellationToken)
    {
        // Whoever sees one tenant only makes its buckets; who sees all says whose.
        var organization = string.IsNullOrEmpty(request.OrganizationId) ? scope.OrganizationId ?? "" : request.OrganizationId;
        if (!scope.Contains(organization) || !organizations.Exists(organization))
        {
            return BucketChange<BucketCreated>.Refused("organization_unknown", "There is no organization with this id.");
        }

        var id = string.IsNullOrEmpty(request.Id) ? BucketId.NewId() : request.Id;
        if (!BucketId.IsValid(id))
        {
            return BucketChange<BucketCreated>.Refused("bucket_id_invalid", BucketId.Rule);
        }

        var now = time.GetUtcNow().UtcDateTime;
        var bucket = new Bucket { Id = id, FoldedId = BucketId.Fold(id), OrganizationId = organization, Label = request.Label ?? "", CreatedAt = now };
        var made = keys.Make(bucket.Id, new CreateBucketKey(request.KeyMode, Label: "", KeyHash: request.KeyHash, KeyHashFormat: request.KeyHashFormat));
        if (made.Refusal is { } refusal)
        {
            return BucketChange<BucketCreated>.Refused(refusal.Code, refusal.Reason);
        }

        if (bucket.Label.Length > BucketLabel.MaximumLength)
        {
            return BucketChange<BucketCreated>.Refused("label_too_long", BucketLabel.Rule);
        }

        if (request.HoldDays is < 0 or > BucketHold.MostDays)
        {
            return BucketChange<BucketCreated>.Refused("hold_days_invalid", BucketHold.Rule);
        }

        bucket.HoldDays = request.HoldDays ?? options.HoldDays;
        var (key, secret) = made.Value!;
        bucket.Keys.Add(key);
        if (await prepare(bucket) is { } obstacle)
        {
            return new BucketChange<BucketCreated>(null, obstacle);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(bucket);
        database.Add(EventRecord.Of(told, time.GetUtcNow(), actor, organization, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            return new BucketChange<BucketCreated>(null, Exists);
        }

        directory.Open(bucket);
        LogCreated(logger, id);
        return BucketChange<BucketCreated>.Done(new BucketCreated(ToWire(bucket, verifiedAt: null), key.ToWire(), secret));
    }

    public async Task<BucketChange<BucketInfo>> RenameAsync(
        string id, TenantScope scope, UpdateBucket changes, CancellationToken cancellationToken)
    {
        if (changes.Label?.Length > BucketLabel.MaximumLength)
        {
            return BucketChange<BucketInfo>.Refused("label_too_long", BucketLabel.Rule);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (changes.Label is { } label)
        {
            await database.Set<Bucket>().In(scope).Where(bucket => bucket.Id == id && bucket.DeletedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.Label, label), cancellationToken);
        }

        return await FindAsync(id, scope, cancellationToken) is { } found ? BucketChange<BucketInfo>.Done(found) : BucketChange<BucketInfo>.NotFound;
    }

    /// <summary>
    /// Deletes a bucket with all its files. It is out of reach at once; when a volume is offline, its files stay there until that volume
    /// is back, and the id stays taken until then.
    /// </summary>
    public async Task<bool> DeleteAsync(string id, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        if (!await MarkDeletedAsync(id, scope, actor, cancellationToken))
        {
            return false;
        }

        directory.Close(id);
        LogDeleted(logger, id);
        await FinishDeletionsAsync(cancellationToken);
        return true;
    }

    /// <summary>Goes on with deletions that a crash or a volume offline has interrupted.</summary>
    public async Task FinishDeletionsAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var deleted = await database.Set<Bucket>().Where(bucket => bucket.DeletedAt != null).ToListAsync(cancellationToken);
        foreach (var bucket in deleted)
        {
            var id = bucket.Id;
            try
            {
                volumes.DiscardBucket(id, bucket.Hold.LongestDays, bucket.DeletedAt);
            }
            catch (BlobStoreException error)
            {
                LogDeletionWaits(logger, id, error);
                continue;
            }

            await database.Set<BucketDay>().Where(day => day.BucketId == id).ExecuteDeleteAsync(cancellationToken);
            await database.Set<Bucket>().Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private async Task<bool> MarkDeletedAsync(string id, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var found = database.Set<Bucket>().In(scope).Where(bucket => bucket.Id == id && bucket.DeletedAt == null);
        if (await found.Select(bucket => bucket.OrganizationId).SingleOrDefaultAsync(cancellationToken) is not { } organization
            || await found.ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.DeletedAt, now.UtcDateTime), cancellationToken) == 0)
        {
            return false;
        }

        database.Add(EventRecord.Of(StreamableEventType.BucketRemoved, now, actor, organization, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return true;
    }

    private static IQueryable<Bucket> Live(ServerDbContext database) =>
        database.Set<Bucket>().AsNoTracking().Include(bucket => bucket.Keys).Where(bucket => bucket.DeletedAt == null);

    private BucketInfo ToWire(Bucket bucket, DateTime? verifiedAt)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var usage = directory.TryFind(bucket.Id, out var open) ? open.Usage.Now : bucket.Usage;
        var valid = bucket.Keys.Count(key => key.ExpiresAt is null || now < key.ExpiresAt);
        return new BucketInfo(
            bucket.Id, bucket.Label, bucket.CreatedAt, usage.Bytes, usage.Files, bucket.MeasureCompletedAt, usage.LastWriteAt, valid,
            bucket.OrganizationId,
            new BucketProtection(
                bucket.HoldDays, bucket.LowerHoldTo, bucket.Hold.LowersAt, usage.TrashBytes, usage.TrashFiles, !bucket.IsBrakeOff, bucket.FrozenAt),
            new BucketQuota(bucket.SoftQuotaBytes, bucket.HardQuotaBytes, usage.Used),
            verifiedAt,
            bucket.MovedTo);
    }

    [LoggerMessage(LogEvents.BucketCreated, LogLevel.Information, "Bucket {Bucket} was created")]
    private static partial void LogCreated(ILogger logger, string bucket);

    [LoggerMessage(LogEvents.BucketDeleted, LogLevel.Information, "Bucket {Bucket} was deleted")]
    private static partial void LogDeleted(ILogger logger, string bucket);

    [LoggerMessage(LogEvents.BucketDeletionWaits, LogLevel.Warning, "The files of deleted bucket {Bucket} stay until every volume is online")]
    private static partial void LogDeletionWaits(ILogger logger, string bucket, Exception error);
}
