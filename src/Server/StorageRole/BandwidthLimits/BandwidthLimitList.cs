using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.StorageRole.Buckets;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>Limits are added, changed and removed; each change is in force at once. Who calls has made sure that the caller is a full administrator.</summary>
internal sealed partial class BandwidthLimitList(
    IDbContextFactory<ServerDbContext> databases, LimitsInForce inForce, TimeProvider time, ILogger<BandwidthLimitList> logger) : IDisposable
{
    public const string TooMany = "too_many_bandwidth_limits";
    public const int Most = 1000;
    public const long LeastBytesPerSecond = 1024;
    public const long MostBytesPerSecond = 1L << 50;

    private readonly SemaphoreSlim _changes = new(1, 1); // so that the latest change is also the last one that comes into force

    /// <summary>All of them, the oldest first.</summary>
    public async Task<IReadOnlyList<BandwidthLimit>> ListAsync(CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await LoadAsync(database, cancellation);
    }

    /// <summary>Brings what is stored into force, when the server starts.</summary>
    public async Task OpenAsync(CancellationToken cancellation) => inForce.Replace(await ListAsync(cancellation));

    public Task<LimitChange> AddAsync(SetBandwidthLimit wish, string actor, CancellationToken cancellation) => ChangeAsync("added", actor, async database =>
    {
        if (await database.Set<BandwidthLimit>().CountAsync(cancellation) >= Most)
        {
            return LimitChange.Refused(TooMany, $"There are {Most} bandwidth limits already. Remove one that is no longer needed.");
        }

        var limit = new BandwidthLimit { Id = Guid.NewGuid(), CreatedAt = time.GetUtcNow().UtcDateTime };
        database.Add(limit);
        return await FillAsync(database, limit, wish, cancellation);
    }, cancellation);

    public Task<LimitChange> ReplaceAsync(Guid id, SetBandwidthLimit wish, string actor, CancellationToken cancellation) => ChangeAsync(
        "changed", actor,
        async database => await FindAsync(database, id, cancellation) is { } limit ? await FillAsync(database, limit, wish, cancellation) : LimitChange.NotFound,
        cancellation);

    public async Task<bool> RemoveAsync(Guid id, string actor, CancellationToken cancellation) => (await ChangeAsync("removed", actor, async database =>
    {
        if (await FindAsync(database, id, cancellation) is not { } limit)
        {
            return LimitChange.NotFound;
        }

        database.Remove(limit);
        return new LimitChange(limit);
    }, cancellation)).Limit is not null;

    public void Dispose() => _changes.Dispose();

    private async Task<LimitChange> ChangeAsync(
        string what, string actor, Func<ServerDbContext, Task<LimitChange>> change, CancellationToken cancellation)
    {
        await _changes.WaitAsync(cancellation);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellation);
            var made = await change(database);
            if (made.Limit is not { } limit)
            {
                return made;
            }

            var data = JsonSerializer.Serialize(
                new { Change = what, limit.BucketId, limit.Network, limit.Direction, limit.BytesPerSecond, Schedule = limit.Window?.ToWire() }, JsonSerializerOptions.Web);
            database.Add(EventRecord.Of(StreamableEventType.BandwidthLimitChanged, time.GetUtcNow(), actor, "", limit.Id.ToString(), data));
            await database.SaveChangesAsync(cancellation);
            inForce.Replace(await LoadAsync(database, CancellationToken.None));
            LogChanged(logger, limit.Id, what, actor, data);
            return made;
        }
        finally
        {
            _changes.Release();
        }
    }

    private static async Task<LimitChange> FillAsync(
        ServerDbContext database, BandwidthLimit limit, SetBandwidthLimit wish, CancellationToken cancellation)
    {
        var (bucketId, network) = (wish.BucketId?.Length > 0 ? wish.BucketId : null, wish.Network?.Length > 0 ? wish.Network : null);
        if (bucketId is null == network is null)
        {
            return LimitChange.Refused("bandwidth_target_unclear", "Give either the id of a bucket or a client network.");
        }

        if (network is not null && ClientNetwork.Parse(network) is null)
        {
            return LimitChange.Refused("network_invalid", ClientNetwork.Rule);
        }

        if (!Enum.IsDefined(wish.Direction))
        {
            return LimitChange.Refused("direction_invalid", "The direction is one of both, upload and download.");
        }

        if (wish.BytesPerSecond is < LeastBytesPerSecond or > MostBytesPerSecond)
        {
            return LimitChange.Refused("rate_invalid", $"bytesPerSecond must be from {LeastBytesPerSecond} to {MostBytesPerSecond}.");
        }

        var window = wish.Schedule is null ? null : LimitWindow.Of(wish.Schedule);
        if (wish.Schedule is not null && window is null)
        {
            return LimitChange.Refused("schedule_invalid", LimitWindow.Rule);
        }

        if (bucketId is not null && bucketId != limit.BucketId
            && !(BucketId.IsValid(bucketId) && await database.Set<Bucket>().AnyAsync(bucket => bucket.Id == bucketId && bucket.DeletedAt == null, cancellation)))
        {
            return LimitChange.Refused("bucket_unknown", "There is no bucket with this id.");
        }

        (limit.BucketId, limit.Network) = (bucketId, network is null ? null : ClientNetwork.Parse(network)!.Value.ToString());
        (limit.Direction, limit.BytesPerSecond) = (wish.Direction, wish.BytesPerSecond);
        (limit.TimeZone, limit.FromMinute, limit.ToMinute, limit.Days) = (window?.TimeZone, window?.FromMinute ?? 0, window?.ToMinute ?? 0, window?.Days ?? 0);
        return new LimitChange(limit);
    }

    private static Task<BandwidthLimit?> FindAsync(ServerDbContext database, Guid id, CancellationToken cancellation) =>
        database.Set<BandwidthLimit>().AsTracking().SingleOrDefaultAsync(limit => limit.Id == id, cancellation);

    private static Task<List<BandwidthLimit>> LoadAsync(ServerDbContext database, CancellationToken cancellation) =>
        database.Set<BandwidthLimit>().AsNoTracking().OrderBy(limit => limit.CreatedAt).ThenBy(limit => limit.Id).ToListAsync(cancellation);

    [LoggerMessage(LogEvents.BandwidthLimitChanged, LogLevel.Information, "Bandwidth limit {Limit} was {Change} by {Actor}: {Data}")]
    private static partial void LogChanged(ILogger logger, Guid limit, string change, string actor, string data);
}
