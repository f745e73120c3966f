using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>The operations on bandwidth limits. Each change takes effect at once.</summary>
internal sealed partial class BandwidthLimitActions(
    IDbContextFactory<ServerDbContext> databases, LimitsInForce inForce, TimeProvider time,
    ILogger<BandwidthLimitActions> logger) : IDisposable
{
    public const int Most = 1000;
    public const long LeastBytesPerSecond = 1024;
    public const long MostBytesPerSecond = 1L << 50;

    private static readonly Refusal NotFound = Refusal.NotFound("bandwidth_limit_not_found", "There is no bandwidth limit with this id.");
    private readonly SemaphoreSlim _changes = new(1, 1); // so that the limits in force are those of the latest change

    /// <summary>Puts the stored limits into force when the server starts.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        inForce.Replace(await LoadAsync(database, cancellationToken));
    }

    /// <summary>Limits in the order of their ids, beginning after <paramref name="after"/>.</summary>
    public async Task<Outcome<Page<BandwidthLimitInfo>>> ListAsync(
        Caller caller, string? after, int count, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = (await LoadAsync(database, cancellationToken)).OrderBy(limit => limit.Id.ToString(), StringComparer.Ordinal)
            .Where(limit => string.CompareOrdinal(limit.Id.ToString(), after) > 0);
        return Paging.Page(found, count, ToWire, limit => limit.Id.ToString());
    }

    public async Task<Outcome<BandwidthLimitInfo>> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await FindAsync(database, id, cancellationToken) is { } limit ? ToWire(limit) : NotFound;
    }

    public Task<Outcome<BandwidthLimitInfo>> AddAsync(Caller caller, SetBandwidthLimit request, CancellationToken cancellationToken) =>
        ChangeAsync(caller, "added", async database =>
        {
            if (await database.Set<BandwidthLimit>().CountAsync(cancellationToken) >= Most)
            {
                return Refusal.Conflict(
                    "too_many_bandwidth_limits", $"There are already {Most} bandwidth limits. Remove one that is no longer needed.");
            }

            var limit = new BandwidthLimit { Id = Guid.NewGuid(), CreatedAt = time.GetUtcNow().UtcDateTime };
            database.Add(limit);
            return await FillAsync(database, limit, request, cancellationToken);
        }, cancellationToken);

    public Task<Outcome<BandwidthLimitInfo>> ReplaceAsync(
        Caller caller, Guid id, SetBandwidthLimit request, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller, "changed",
            async database => await FindAsync(database, id, cancellationToken) is { } limit ? await FillAsync(
                database, limit, request, cancellationToken) : NotFound,
            cancellationToken);

    public async Task<Refusal?> RemoveAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        (await ChangeAsync(caller, "removed", async database =>
        {
            if (await FindAsync(database, id, cancellationToken) is not { } limit)
            {
                return NotFound;
            }

            database.Remove(limit);
            return limit;
        }, cancellationToken)).Refusal;

    public void Dispose() => _changes.Dispose();

    private async Task<Outcome<BandwidthLimitInfo>> ChangeAsync(
        Caller caller, string what, Func<ServerDbContext, Task<Outcome<BandwidthLimit>>> change, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } lacks)
        {
            return lacks;
        }

        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (!(await change(database)).TryGet(out var limit, out var refusal))
            {
                return refusal;
            }

            var data = JsonSerializer.Serialize(
                new
                {
                    Change = what,
                    limit.BucketId,
                    limit.Network,
                    limit.Direction,
                    limit.BytesPerSecond,
                    Schedule = limit.Window?.ToWire(),
                },
                JsonSerializerOptions.Web);
            database.Add(
                EventRecord.Of(StreamableEventType.BandwidthLimitChanged, time.GetUtcNow(), caller.Name, "", limit.Id.ToString(), data));
            await database.SaveChangesAsync(cancellationToken);
            inForce.Replace(await LoadAsync(database, CancellationToken.None));
            LogChanged(logger, limit.Id, what, caller.Name, data);
            return ToWire(limit);
        }
        finally
        {
            _changes.Release();
        }
    }

    private static async Task<Outcome<BandwidthLimit>> FillAsync(
        ServerDbContext database, BandwidthLimit limit, SetBandwidthLimit request, CancellationToken cancellationToken)
    {
        var (bucketId, network) = (
            request.BucketId?.Length > 0 ? request.BucketId : null, request.Network?.Length > 0 ? request.Network : null);
        var window = request.Schedule is null ? null : LimitWindow.Of(request.Schedule);
        var invalid = true switch
        {
            _ when bucketId is null == network is null =>
                Refusal.Invalid("bandwidth_target_unclear", "Give either the id of a bucket or a client network."),
            _ when network is not null && ClientNetwork.Parse(network) is null => Refusal.Invalid("network_invalid", ClientNetwork.Rule),
            _ when !Enum.IsDefined(request.Direction) =>
                Refusal.Invalid("direction_invalid", "The direction is one of both, upload and download."),
            _ when request.BytesPerSecond is < LeastBytesPerSecond or > MostBytesPerSecond =>
                Refusal.Invalid("rate_invalid", $"bytesPerSecond must be from {LeastBytesPerSecond} to {MostBytesPerSecond}."),
            _ when request.Schedule is not null && window is null => Refusal.Invalid("schedule_invalid", LimitWindow.Rule),
            _ => null,
        };
        if (invalid is not null)
        {
            return invalid;
        }

        if (bucketId is not null && bucketId != limit.BucketId
            && !await database.Set<Bucket>().AnyAsync(bucket => bucket.Id == bucketId && bucket.DeletedAt == null, cancellationToken))
        {
            return Refusal.Invalid("bucket_unknown", "There is no bucket with this id.");
        }

        (limit.BucketId, limit.Network) = (bucketId, network is null ? null : ClientNetwork.Parse(network)!.Value.ToString());
        (limit.Direction, limit.BytesPerSecond) = (request.Direction, request.BytesPerSecond);
        (limit.TimeZone, limit.FromMinute, limit.ToMinute, limit.Days) = (
            window?.TimeZone, window?.FromMinute ?? 0, window?.ToMinute ?? 0, window?.Days ?? 0);
        return limit;
    }

    private BandwidthLimitInfo ToWire(BandwidthLimit limit) => limit.ToWire(time.GetUtcNow().UtcDateTime);

    private static Task<BandwidthLimit?> FindAsync(ServerDbContext database, Guid id, CancellationToken cancellationToken) =>
        database.Set<BandwidthLimit>().AsTracking().SingleOrDefaultAsync(limit => limit.Id == id, cancellationToken);

    private static Task<List<BandwidthLimit>> LoadAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<BandwidthLimit>().AsNoTracking().OrderBy(limit => limit.CreatedAt).ThenBy(limit => limit.Id)
            .ToListAsync(cancellationToken);

    [LoggerMessage(LogEvents.BandwidthLimitChanged, LogLevel.Information, "Bandwidth limit {Limit} was {Change} by {Actor}: {Data}")]
    private static partial void LogChanged(ILogger logger, Guid limit, string change, string actor, string data);
}
