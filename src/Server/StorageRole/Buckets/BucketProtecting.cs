using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Changes what protects buckets: hold, brake and quota. Who calls has made sure that the caller is a full administrator.</summary>
internal sealed partial class BucketProtecting(
    IDbContextFactory<ServerDbContext> databases, BucketDirectory directory, TimeProvider time, ILogger<BucketProtecting> logger)
{
    /// <summary>True when a change is about more than the name.</summary>
    public static bool Concerns(UpdateBucket changes) => changes is not { HoldDays: null, Brake: null, SoftQuotaBytes: null, HardQuotaBytes: null };

    /// <summary>Why a change was refused; null when it was made.</summary>
    public async Task<BucketRefusal?> ChangeAsync(string id, TenantScope scope, UpdateBucket changes, string actor, CancellationToken cancellationToken)
    {
        if (changes.HoldDays is < 0 or > BucketHold.MostDays)
        {
            return new BucketRefusal("hold_days_invalid", BucketHold.Rule);
        }

        return await StoreAsync(id, scope, StreamableEventType.BucketProtectionChanged, actor, bucket =>
        {
            if (new QuotaLimits(bucket.SoftQuotaBytes, bucket.HardQuotaBytes).Change(changes.SoftQuotaBytes, changes.HardQuotaBytes) is not { } limits)
            {
                return new BucketRefusal("quota_invalid", QuotaLimits.Rule);
            }

            (bucket.SoftQuotaBytes, bucket.HardQuotaBytes) = (limits.SoftBytes, limits.HardBytes);
            bucket.IsBrakeOff = changes.Brake is { } brake ? !brake : bucket.IsBrakeOff;
            bucket.Hold = changes.HoldDays is { } days ? bucket.Hold.Change(days, time.GetUtcNow().UtcDateTime) : bucket.Hold;
            return null;
        }, cancellationToken);
    }

    /// <summary>Lets files be deleted again, and stored when the bucket had moved. What was deleted so far does not count for the brake any more.</summary>
    public async Task<BucketRefusal?> UnfreezeAsync(string id, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        var refusal = await StoreAsync(id, scope, StreamableEventType.BucketDeletesUnfrozen, actor, bucket =>
        {
            var isFrozen = bucket.FrozenAt is not null || bucket.MovedTo is not null;
            (bucket.FrozenAt, bucket.MovedTo) = (null, null);
            return isFrozen ? null : new BucketRefusal("not_frozen", "The deletes of this bucket are not frozen, and it has not moved.", IsConflict: true);
        }, cancellationToken);
        if (refusal is null && directory.TryFind(id, out var open))
        {
            open.Brake.Release();
        }

        return refusal;
    }

    /// <summary>The brake has found that too much is deleted.</summary>
    public async Task FreezeAsync(OpenBucket bucket)
    {
        var now = time.GetUtcNow();
        if (!bucket.Freeze(now.UtcDateTime))
        {
            return;
        }

        LogFrozen(logger, bucket.Id);
        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        await database.Set<Bucket>().Where(row => row.Id == bucket.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.FrozenAt, now.UtcDateTime), CancellationToken.None);
        database.Add(EventRecord.Of(StreamableEventType.BucketDeletesFrozen, now, "", bucket.OrganizationId, bucket.Id));
        await database.SaveChangesAsync(CancellationToken.None);
    }

    private async Task<BucketRefusal?> StoreAsync(
        string id, TenantScope scope, StreamableEventType type, string actor, Func<Bucket, BucketRefusal?> change, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<Bucket>().AsTracking().In(scope).SingleOrDefaultAsync(bucket => bucket.Id == id && bucket.DeletedAt == null, cancellationToken);
        if (found is null)
        {
            return BucketChange<BucketInfo>.NotFound.Refusal;
        }

        if (change(found) is { } refusal)
        {
            return refusal;
        }

        var data = JsonSerializer.Serialize(
            new { found.HoldDays, found.LowerHoldTo, Brake = !found.IsBrakeOff, found.SoftQuotaBytes, found.HardQuotaBytes, found.FrozenAt, found.MovedTo }, JsonSerializerOptions.Web);
        database.Add(EventRecord.Of(type, time.GetUtcNow(), actor, found.OrganizationId, id, data));
        await database.SaveChangesAsync(cancellationToken);
        if (directory.TryFind(id, out var open))
        {
            open.SetRules(found);
        }

        LogChanged(logger, id, actor, data);
        return null;
    }

    [LoggerMessage(LogEvents.ProtectionChanged, LogLevel.Information, "The protection of bucket {Bucket} was changed by {Actor}: {Data}")]
    private static partial void LogChanged(ILogger logger, string bucket, string actor, string data);

    [LoggerMessage(LogEvents.DeletesFrozen, LogLevel.Warning, "Far more than usual is deleted of bucket {Bucket}: deletes are frozen until an administrator allows them again")]
    private static partial void LogFrozen(ILogger logger, string bucket);
}
