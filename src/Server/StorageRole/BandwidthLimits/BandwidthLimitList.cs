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
    public async Task<IReadOnlyList<BandwidthLimit>> ListAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await LoadAsync(database, cancellationToken);
    }

    /// <summary>Brings what is stored into force, when the server starts.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken) => inForce.Replace(await ListAsync(cancellationToken));

    public Task<LimitChange> AddAsync(SetBandwidthLimit request, string actor, CancellationToken cancellationToken) => ChangeAsync("added", actor, async database =>
    {
        if (await database.Set<BandwidthLimit>().CountAsync(cancellationToken) >= Most)
        {
            return LimitChange.Refused(TooMany, $"There are {Most} bandwidth limits already. Remove one that is no longer needed.");
        }

        var limit = new BandwidthLimit { Id = Guid.NewGuid(), CreatedAt = time.GetUtcNow().UtcDateTime };
        database.Add(limit);
        return await FillAsync(database, limit, request, cancellationToken);
    }, cancellationToken);

    public Task<LimitChange> ReplaceAsync(Guid id, SetBandwidthLimit request, string actor, CancellationToken cancellationToken) => ChangeAsync(
        "changed", actor,
        async database => await FindAsync(database, id, cancellationToken) is { } limit ? await FillAsync(database, limit, request, cancellationToken) : LimitChange.NotFound,
        cancellationToken);

    public async Task<bool> RemoveAsync(Guid id, string actor, CancellationToken cancellationToken) => (await ChangeAsync("removed", actor, async database =>
    {
        if (await FindAsync(database, id, cancellationToken) is not { } limit)
        {
            return LimitChange.NotFound;
        }

        database.Remove(limit);
        return new LimitChange(limit);
    }, cancellationToken)).Limit is not null;

    public void Dispose() => _changes.Dispose();

    private async Task<LimitChange> ChangeAsync(
        string what, string actor, Func<ServerDbContext, Task<LimitChange>> change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var made = await change(database);
            if (made.Limit is not { } limit)
            {
                return made;
            }

            var data = JsonSerializer.Serialize(
                new { Change = what, limit.BucketId, limit.Network, limit.Direction, limit.BytesPerSecond, Schedule = limit.Window?.ToWire() }, JsonSerializerOptions.Web);
            database.Add(EventRecord.Of(StreamableEventType.BandwidthLimitChanged, time.GetUtcNow(), actor, "", limit.Id.ToString(), data));
            await database.SaveChangesAsync(cancellationToken);
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
        ServerDbContext database, BandwidthLimit limit, SetBandwidthLimit request, CancellationToken cancellationToken)
    {
        var (bucketId, network) = (request.BucketId?.Length > 0 ? request.BucketId : null, request.Network?.Length > 0 ? request.Network : null);
        if (bucketId is null == network is null)
        {
            return LimitChange.Refused("bandwidth_target_unclear", "Give either the id of a bucket or a client network.");
        }

        if (network is not null && ClientNetwork.Parse(network) is null)
        {
            return LimitChange.Refused("network_invalid", ClientNetwork.Rule);
        }

        if (!Enum.IsDefined(request.Direction))
        {
            return LimitChange.Refused("direction_invalid", "The direction is one of both, upload and download.");
        }

        if (request.BytesPerSecond is < LeastBytesPerSecond or > MostBytesPerSecond)
        {
            return LimitChange.Refused("rate_invalid", $"bytesPerSecond must be from {LeastBytesPerSecond} to {MostBytesPerSecond}.");
        }

        var window = request.Schedule is null ? null : LimitWindow.Of(request.Schedule);
        if (request.Schedule is not null && window is null)
        {
            return LimitChange.Refused("schedule_invalid", LimitWindow.Rule);
        }

        if (bucketId is not null && bucketId != limit.BucketId
            && !(BucketId.IsValid(bucketId) && await database.Set<Bucket>().AnyAsync(bucket => bucket.Id == bucketId && bucket.DeletedAt == null, cancellationToken)))
        {
            return LimitChange.Refused("bucket_unknown", "There is no bucket with this id.");
        }

        (limit.BucketId, limit.Network) = (bucketId, network is null ? null : ClientNetwork.Parse(network)!.Value.ToString());
        (limit.Direction, limit.BytesPerSecond) = (request.Direction, request.BytesPerSecond);
        (limit.TimeZone, limit.FromMinute, limit.ToMinute, limit.Days) = (window?.TimeZone, window?.FromMinute ?? 0, window?.ToMinute ?? 0, window?.Days ?? 0);
        return new LimitChange(limit);
    }

    private static Task<BandwidthLimit?> FindAsync(ServerDbContext database, Guid id, CancellationToken cancellationToken) =>
        database.Set<BandwidthLimit>().AsTracking().SingleOrDefaultAsync(limit => limit.Id == id, cancellationToken);

    private static Task<List<BandwidthLimit>> LoadAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<BandwidthLimit>().AsNoTracking().OrderBy(limit => limit.CreatedAt).ThenBy(limit => limit.Id).ToListAsync(cancellationToken);

    [LoggerMessage(LogEvents.BandwidthLimitChanged, LogLevel.Information, "Bandwidth limit {Limit} was {Change} by {Actor}: {Data}")]
    private static partial void LogChanged(ILogger logger, Guid limit, string change, string actor, string data);
}
