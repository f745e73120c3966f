using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Verification;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>The operations on buckets.</summary>
internal sealed partial class BucketActions(
    IDbContextFactory<ServerDbContext> databases, BucketCache cache, BucketKeyActions keys, BucketMeasuringWork measuring,
    VolumeSet volumes,
    OrganizationCache organizations, StorageOptions options, TimeProvider time, ILogger<BucketActions> logger)
{
    /// <summary>The refusal for an id that is taken.</summary>
    public static Refusal Exists { get; } =
        Refusal.Conflict("bucket_exists", "There is a bucket with this id, or one is still being deleted. Choose another id.");

    /// <summary>Buckets in the order of their ids.</summary>
    /// <param name="caller">The caller; only buckets within the caller's scope are returned.</param>
    /// <param name="after">Only buckets whose ids follow this one; null to begin with the first.</param>
    /// <param name="count">Most buckets to return; null for all.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<Page<BucketInfo>> ListAsync(Caller caller, string? after, int? count, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var query = Live(database, caller);
        query = string.IsNullOrEmpty(after) ? query : query.Where(bucket => bucket.FoldedId.CompareTo(BucketId.Fold(after)) > 0);
        query = query.OrderBy(bucket => bucket.FoldedId);
        var found = await (count is { } most ? query.Take(most + 1) : query).ToListAsync(cancellationToken);
        var verified = await ScrubTimes.OldestByBucketAsync(database, found.ConvertAll(bucket => bucket.Id), cancellationToken);
        return Paging.Page(
            found, count ?? found.Count, bucket => ToWire(bucket, verified.TryGetValue(bucket.Id, out var oldest) ? oldest : null),
            bucket => bucket.Id);
    }

    public async Task<Outcome<BucketInfo>> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(database, caller).FirstOrDefaultAsync(bucket => bucket.Id == id, cancellationToken) is { } bucket
            ? await ToWireAsync(database, bucket, cancellationToken)
            : BucketRefusals.NotFound;
    }

    /// <summary>The stored rows, with the hashes of keys, for the compatible API.</summary>
    public async Task<IReadOnlyList<Bucket>> ListStoredAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(database, caller).OrderBy(bucket => bucket.FoldedId).ToListAsync(cancellationToken);
    }

    /// <summary>One stored row, as <see cref="ListStoredAsync"/> returns them.</summary>
    public async Task<Outcome<Bucket>> FindStoredAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(database, caller).FirstOrDefaultAsync(bucket => bucket.Id == id, cancellationToken) is { } bucket
            ? bucket
            : BucketRefusals.NotFound;
    }

    public async Task<Outcome<BucketCreated>> CreateAsync(Caller caller, CreateBucket request, CancellationToken cancellationToken) =>
        request.HoldDays is not null && BucketRefusals.MayNotProtect(caller) is { } refusal
            ? refusal
            : await RegisterAsync(caller, request, StreamableEventType.BucketNew, _ => Task.FromResult<Refusal?>(null), cancellationToken);

    /// <summary>
    /// Registers a bucket. <paramref name="prepare"/> is the last step before; it runs only when the request is valid, and may refuse.
    /// </summary>
    public async Task<Outcome<BucketCreated>> RegisterAsync(
        Caller caller, CreateBucket request, StreamableEventType type, Func<Bucket, Task<Refusal?>> prepare,
        CancellationToken cancellationToken)
    {
        var organization = string.IsNullOrEmpty(request.OrganizationId) ? caller.Scope.OrganizationId ?? "" : request.OrganizationId;
        if (!caller.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return Refusal.Invalid("organization_unknown", "There is no organization with this id.");
        }

        var id = string.IsNullOrEmpty(request.Id) ? BucketId.NewId() : request.Id;
        if (!BucketId.IsValid(id))
        {
            return Refusal.Invalid("bucket_id_invalid", BucketId.Rule);
        }

        var firstKey = new CreateBucketKey(request.KeyMode, Label: "", KeyHash: request.KeyHash, KeyHashFormat: request.KeyHashFormat);
        if (!keys.Make(id, firstKey).TryGet(out var made, out var refusal))
        {
            return refusal;
        }

        if (Check(request.Label, request.HoldDays) is { } wrong)
        {
            return wrong;
        }

        var bucket = new Bucket
        {
            Id = id,
            FoldedId = BucketId.Fold(id),
            OrganizationId = organization,
            Label = request.Label ?? "",
            CreatedAt = time.GetUtcNow().UtcDateTime,
            HoldDays = request.HoldDays ?? options.HoldDays,
        };
        bucket.Keys.Add(made.Key);
        if (await prepare(bucket) is { } obstacle)
        {
            return obstacle;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(bucket);
        database.Add(EventRecord.Of(type, time.GetUtcNow(), caller.Name, organization, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            return Exists;
        }

        cache.Open(bucket);
        LogCreated(logger, id);
        return new BucketCreated(ToWire(bucket, verifiedAt: null), made.Key.ToWire(), made.Secret);
    }

    /// <summary>Changes label, hold, brake and quota: all that the request names, or nothing.</summary>
    public async Task<Outcome<BucketInfo>> UpdateAsync(Caller caller, string id, UpdateBucket request, CancellationToken cancellationToken)
    {
        var concernsProtection = request is not { HoldDays: null, Brake: null, SoftQuotaBytes: null, HardQuotaBytes: null };
        if (((concernsProtection ? BucketRefusals.MayNotProtect(caller) : null) ?? Check(request.Label, request.HoldDays)) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindTrackedAsync(database, caller, id, cancellationToken) is not { } bucket)
        {
            return BucketRefusals.NotFound;
        }

        var quotaBefore = new QuotaLimits(bucket.SoftQuotaBytes, bucket.HardQuotaBytes);
        if (quotaBefore.Change(request.SoftQuotaBytes, request.HardQuotaBytes) is not { } quota)
        {
            return Refusal.Invalid("quota_invalid", QuotaLimits.Rule);
        }

        bucket.Label = request.Label ?? bucket.Label;
        (bucket.SoftQuotaBytes, bucket.HardQuotaBytes) = (quota.SoftBytes, quota.HardBytes);
        bucket.IsBrakeOff = request.Brake is { } brake ? !brake : bucket.IsBrakeOff;
        bucket.Hold = request.HoldDays is { } days ? bucket.Hold.Change(days, time.GetUtcNow().UtcDateTime) : bucket.Hold;
        await (concernsProtection
            ? SaveProtectionAsync(database, caller, StreamableEventType.BucketProtectionChanged, bucket, cancellationToken)
            : database.SaveChangesAsync(cancellationToken));
        cache.Changed();
        return await ToWireAsync(database, bucket, cancellationToken);
    }

    /// <summary>Lets files be deleted again, and stored if the bucket had moved. Earlier deletes no longer count for the brake.</summary>
    public async Task<Refusal?> UnfreezeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindTrackedAsync(database, caller, id, cancellationToken) is not { } bucket)
        {
            return BucketRefusals.NotFound;
        }

        if (bucket is { FrozenAt: null, MovedTo: null })
        {
            return Refusal.Conflict("not_frozen", "The deletes of this bucket are not frozen, and it has not moved.");
        }

        (bucket.FrozenAt, bucket.MovedTo) = (null, null);
        await SaveProtectionAsync(database, caller, StreamableEventType.BucketDeletesUnfrozen, bucket, cancellationToken);
        if (cache.TryFind(id, out var open))
        {
            open.Brake.Release();
        }

        return null;
    }

    /// <summary>Freezes the deletes of a bucket, because its brake has noticed too many.</summary>
    public async Task FreezeAsync(OpenBucket bucket)
    {
        var now = time.GetUtcNow();
        if (!bucket.Freeze(now.UtcDateTime))
        {
            return;
        }

        LogFrozen(logger, bucket.Id);
        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        await using var both = await database.Database.BeginTransactionAsync(CancellationToken.None);
        await database.Set<Bucket>().Where(row => row.Id == bucket.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.FrozenAt, now.UtcDateTime), CancellationToken.None);
        database.Add(EventRecord.Of(StreamableEventType.BucketDeletesFrozen, now, "", bucket.OrganizationId, bucket.Id));
        await database.SaveChangesAsync(CancellationToken.None);
        await both.CommitAsync(CancellationToken.None);
    }

    /// <summary>Measures a bucket on its disks, which corrects the count after files were moved by hand.</summary>
    public async Task<Refusal?> MeasureAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (cache.Find(id, caller.Scope) is null)
        {
            return BucketRefusals.NotFound;
        }

        try
        {
            await measuring.MeasureAsync(id, cancellationToken);
            return null;
        }
        catch (BlobStoreException failure)
        {
            return BucketRefusals.Unavailable(failure);
        }
    }

    /// <summary>The size of a bucket on each day, oldest first.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="id">The bucket.</param>
    /// <param name="from">First day; null for a year ago.</param>
    /// <param name="to">Last day; null for today.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<Outcome<Page<BucketDayInfo>>> ReadHistoryAsync(
        Caller caller, string id, DateOnly? from, DateOnly? to, CancellationToken cancellationToken)
    {
        if (cache.Find(id, caller.Scope) is null)
        {
            return BucketRefusals.NotFound;
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var (first, last) = (from ?? today.AddYears(-1), to ?? today);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var days = await database.Set<BucketDay>().AsNoTracking().Where(day => day.BucketId == id && day.Day >= first && day.Day <= last)
            .OrderBy(day => day.Day).ToListAsync(cancellationToken);
        return new Page<BucketDayInfo>(days.ConvertAll(day => day.ToWire()), Next: null);
    }

    /// <summary>
    /// Deletes a bucket with all its files. Clients lose access at once. While a volume is offline, its files stay and the id remains taken
    /// until the volume is back.
    /// </summary>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.DeleteStorageVault) is { } missing)
        {
            return missing;
        }

        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
            var now = time.GetUtcNow();
            var found = database.Set<Bucket>().In(caller.Scope).Where(bucket => bucket.Id == id && bucket.DeletedAt == null);
            if (await found.Select(bucket => bucket.OrganizationId).SingleOrDefaultAsync(cancellationToken) is not { } organization
                || await found.ExecuteUpdateAsync(
                    set => set.SetProperty(bucket => bucket.DeletedAt, now.UtcDateTime), cancellationToken) == 0)
            {
                return BucketRefusals.NotFound;
            }

            database.Add(EventRecord.Of(StreamableEventType.BucketRemoved, now, caller.Name, organization, id));
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
        }

        cache.Close(id);
        LogDeleted(logger, id);
        await FinishDeletionsAsync(cancellationToken);
        return null;
    }

    /// <summary>Continues deletions that a crash or an offline volume has interrupted.</summary>
    public async Task FinishDeletionsAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var deleted = await database.Set<Bucket>().AsNoTracking().Where(bucket => bucket.DeletedAt != null).ToListAsync(cancellationToken);
        foreach (var bucket in deleted)
        {
            try
            {
                new DiscardedBuckets(volumes).Discard(bucket.Id, bucket.Hold.LongestDays, bucket.DeletedAt);
            }
            catch (BlobStoreException error)
            {
                LogDeletionWaits(logger, bucket.Id, error);
                continue;
            }

            await database.Set<BucketDay>().Where(day => day.BucketId == bucket.Id).ExecuteDeleteAsync(cancellationToken);
            await database.Set<Bucket>().Where(row => row.Id == bucket.Id).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static Refusal? Check(string? label, int? holdDays) =>
        label?.Length > BucketLabel.MaximumLength ? Refusal.Invalid("label_too_long", BucketLabel.Rule)
        : holdDays is < 0 or > BucketHold.MostDays ? Refusal.Invalid("hold_days_invalid", BucketHold.Rule)
        : null;

    private static IQueryable<Bucket> Live(ServerDbContext database, Caller caller) =>
        database.Set<Bucket>().AsNoTracking().Include(bucket => bucket.Keys).In(caller.Scope).Where(bucket => bucket.DeletedAt == null);

    private static Task<Bucket?> FindTrackedAsync(
        ServerDbContext database, Caller caller, string id, CancellationToken cancellationToken) =>
        database.Set<Bucket>().AsTracking().Include(bucket => bucket.Keys).In(caller.Scope)
            .SingleOrDefaultAsync(bucket => bucket.Id == id && bucket.DeletedAt == null, cancellationToken);

    private async Task SaveProtectionAsync(
        ServerDbContext database, Caller caller, StreamableEventType type, Bucket bucket, CancellationToken cancellationToken)
    {
        var data = JsonSerializer.Serialize(
            new
            {
                bucket.HoldDays,
                bucket.LowerHoldTo,
                Brake = !bucket.IsBrakeOff,
                bucket.SoftQuotaBytes,
                bucket.HardQuotaBytes,
                bucket.FrozenAt,
                bucket.MovedTo,
            },
            JsonSerializerOptions.Web);
        database.Add(EventRecord.Of(type, time.GetUtcNow(), caller.Name, bucket.OrganizationId, bucket.Id, data));
        await database.SaveChangesAsync(cancellationToken);
        cache.SetRules(bucket);
        LogProtectionChanged(logger, bucket.Id, caller.Name, data);
    }

    private async Task<BucketInfo> ToWireAsync(ServerDbContext database, Bucket bucket, CancellationToken cancellationToken)
    {
        var verified = await ScrubTimes.OldestByBucketAsync(database, [bucket.Id], cancellationToken);
        return ToWire(bucket, verified.TryGetValue(bucket.Id, out var oldest) ? oldest : null);
    }

    private BucketInfo ToWire(Bucket bucket, DateTime? verifiedAt)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var usage = cache.TryFind(bucket.Id, out var open) ? open.Usage.Now : bucket.Usage;
        var valid = bucket.Keys.Count(key => key.ExpiresAt is null || now < key.ExpiresAt);
        return new BucketInfo(
            bucket.Id, bucket.Label, bucket.CreatedAt, usage.Bytes, usage.Files, bucket.MeasureCompletedAt, usage.LastWriteAt, valid,
            bucket.OrganizationId,
            new BucketProtection(
                bucket.HoldDays, bucket.LowerHoldTo, bucket.Hold.LowersAt, usage.TrashBytes, usage.TrashFiles, !bucket.IsBrakeOff,
                bucket.FrozenAt),
            new BucketQuota(bucket.SoftQuotaBytes, bucket.HardQuotaBytes, usage.Used),
            verifiedAt,
            bucket.MovedTo);
    }

    [LoggerMessage(LogEvents.BucketCreated, LogLevel.Information, "Bucket {Bucket} was created")]
    private static partial void LogCreated(ILogger logger, string bucket);

    [LoggerMessage(LogEvents.BucketDeleted, LogLevel.Information, "Bucket {Bucket} was deleted")]
    private static partial void LogDeleted(ILogger logger, string bucket);

    [LoggerMessage(LogEvents.BucketDeletionWaits, LogLevel.Warning,
        "The files of deleted bucket {Bucket} stay until every volume is online")]
    private static partial void LogDeletionWaits(ILogger logger, string bucket, Exception error);

    [LoggerMessage(LogEvents.ProtectionChanged, LogLevel.Information, "{Actor} changed the protection of bucket {Bucket}: {Data}")]
    private static partial void LogProtectionChanged(ILogger logger, string bucket, string actor, string data);

    [LoggerMessage(LogEvents.DeletesFrozen, LogLevel.Warning,
        "Far more than usual is being deleted from bucket {Bucket}: deletes are frozen until an administrator allows them again")]
    private static partial void LogFrozen(ILogger logger, string bucket);
}
