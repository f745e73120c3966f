using Halley.Protocol;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>Gives the bucket on the other server the keys it has here, by their hashes: what clients know opens it there as well.</summary>
internal sealed class TransferKeys(IDbContextFactory<ServerDbContext> databases, TargetServer server, TargetBucket target, TaskRun run, TimeProvider time)
{
    private const string TooMany = "too_many_keys";

    /// <summary>Adds what is missing there and takes away what was revoked here since.</summary>
    /// <param name="bucketId">The bucket here.</param>
    /// <param name="isLast">False when the key of the transfer may still take the place of one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task FollowAsync(string bucketId, bool isLast, CancellationToken cancellationToken)
    {
        var checkpoint = run.Checkpoint<TransferCheckpoint>() ?? TransferCheckpoint.Empty;
        if (checkpoint.FirstKey is { } first)
        {
            await target.RemoveKeyAsync(first, cancellationToken);
            run.Keep(checkpoint = checkpoint with { FirstKey = null });
        }

        var here = await ReadAsync(bucketId, cancellationToken);
        var known = new Dictionary<Guid, Guid>(checkpoint.Keys);
        foreach (var (old, copy) in checkpoint.Keys.Where(pair => here.TrueForAll(key => key.Id != pair.Key)))
        {
            await target.RemoveKeyAsync(copy, cancellationToken);
            known.Remove(old);
        }

        foreach (var key in here.Where(key => !known.ContainsKey(key.Id)))
        {
            if (await AddAsync(key, isLast, cancellationToken) is { } copy)
            {
                known[key.Id] = copy;
                run.Keep(checkpoint with { Keys = known });
            }
        }

        run.Keep(checkpoint with { Keys = known });
    }

    private async Task<Guid?> AddAsync(BucketKey key, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            var request = new CreateBucketKey(key.Mode, key.Label, key.ExpiresAt, key.Hash, key.Format);
            return (await server.PostAsync<BucketKeyCreated>(target.Keys, request, cancellationToken)).Key.Id;
        }
        catch (TargetException refusal) when (refusal.Code == TooMany && !isLast)
        {
            return null; // when the transfer needs its own no more, there is room
        }
        catch (TargetException refusal) when (refusal.Code == TooMany)
        {
            throw new TargetException(
                $"The bucket on {server.Calls.Host} has as many keys as it may. Revoke some of them there, or here, then resume.", TooMany, cause: refusal);
        }
    }

    private async Task<List<BucketKey>> ReadAsync(string bucketId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<BucketKey>().AsNoTracking().Where(key => key.BucketId == bucketId && (key.ExpiresAt == null || key.ExpiresAt > now))
            .OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
    }
}
