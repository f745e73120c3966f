using Halley.Protocol;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// The bucket on the other server, created when it does not exist. It gets the keys of this server's bucket, by their hashes, so that
/// clients can open it with the keys they have. It also gets a key for this transfer, which is revoked when the work stops.
/// </summary>
internal sealed class TargetBucket(
    TargetServer server, TransferParameters request, TaskRun run, IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    private const string TooManyKeys = "too_many_keys";
    private const string NotAllowed = "full_administrator_required";

    // Expires by itself if this server never returns; a longer transfer gets another one.
    private static readonly TimeSpan LifeOfKey = TimeSpan.FromDays(7);
    private readonly string _label = $"transfer {run.Id}";

    /// <summary>Id of the key of this transfer; null before it exists.</summary>
    public Guid? KeyId { get; private set; }

    /// <summary>Makes the bucket, or takes the existing one.</summary>
    public async Task PrepareAsync(Bucket source, CancellationToken cancellationToken)
    {
        var found = await server.FindAsync(server.Client.FindBucketAsync(request.BucketId, cancellationToken));
        if (found?.MovedTo is { } elsewhere)
        {
            throw new TransferException(
                $"The bucket {request.BucketId} on {server.Host} has itself moved to {elsewhere}. Unfreeze it there, or choose another id.",
                "target_moved");
        }

        if (found is null)
        {
            var made = await CreateAsync(source, cancellationToken);
            run.Keep(TransferCheckpoint.Empty with { FirstKey = made.Key.Id });
            run.Log($"The bucket {request.BucketId} was made on {server.Host}.");
        }
    }

    /// <summary>The secret of a new key for this transfer; those of earlier runs are revoked.</summary>
    public async Task<string> AddKeyAsync(CancellationToken cancellationToken)
    {
        await RemoveKeyAsync(cancellationToken);
        var key = new CreateBucketKey(BucketKeyMode.Full, _label, time.GetUtcNow().UtcDateTime + LifeOfKey);
        var added = await server.GetAsync(server.Client.AddBucketKeyAsync(request.BucketId, key, cancellationToken));
        KeyId = added.Key.Id;
        return added.Secret!;
    }

    /// <summary>Revokes the key of this transfer.</summary>
    public async Task RemoveKeyAsync(CancellationToken cancellationToken)
    {
        var keys = await server.FindAsync(server.Client.ListBucketKeysAsync(request.BucketId, cancellationToken));
        foreach (var key in keys?.Items.Where(key => key.Label == _label) ?? [])
        {
            await RevokeAsync(key.Id, cancellationToken);
        }

        KeyId = null;
    }

    /// <summary>Adds the keys that are missing there, and revokes those that were revoked here since.</summary>
    /// <param name="bucketId">The bucket here.</param>
    /// <param name="isLast">False while the key of the transfer may still take the place of one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task FollowKeysAsync(string bucketId, bool isLast, CancellationToken cancellationToken)
    {
        var checkpoint = run.Checkpoint<TransferCheckpoint>() ?? TransferCheckpoint.Empty;
        if (checkpoint.FirstKey is { } first)
        {
            await RevokeAsync(first, cancellationToken);
            run.Keep(checkpoint = checkpoint with { FirstKey = null });
        }

        var here = await ReadKeysAsync(bucketId, cancellationToken);
        var known = new Dictionary<Guid, Guid>(checkpoint.Keys);
        foreach (var (old, copy) in checkpoint.Keys.Where(pair => here.TrueForAll(key => key.Id != pair.Key)))
        {
            await RevokeAsync(copy, cancellationToken);
            known.Remove(old);
        }

        foreach (var key in here.Where(key => !known.ContainsKey(key.Id)))
        {
            if (await CopyKeyAsync(key, isLast, cancellationToken) is { } copy)
            {
                known[key.Id] = copy;
                run.Keep(checkpoint with { Keys = known });
            }
        }

        run.Keep(checkpoint with { Keys = known });
    }

    /// <summary>
    /// Copies the quota of this server's bucket, unless the target has one. It runs at the end, so that the quota cannot stop the files.
    /// </summary>
    public async Task SetQuotaAsync(Bucket source, CancellationToken cancellationToken)
    {
        if ((source.SoftQuotaBytes, source.HardQuotaBytes) is (null, null))
        {
            return;
        }

        var there = await server.GetAsync(server.Client.FindBucketAsync(request.BucketId, cancellationToken));
        if (there?.Quota is not { SoftBytes: null, HardBytes: null })
        {
            return;
        }

        var quota = new UpdateBucket(SoftQuotaBytes: source.SoftQuotaBytes, HardQuotaBytes: source.HardQuotaBytes);
        try
        {
            await server.DoAsync(server.Client.UpdateBucketAsync(request.BucketId, quota, cancellationToken));
        }
        catch (TransferException refusal) when (refusal.Code == NotAllowed)
        {
            run.Log($"The administrator on {server.Host} may not set quotas, so the bucket has none there.");
        }
    }

    /// <summary>
    /// Makes the other server read files again from its disks. Returns the files whose content matches their name. A file with wrong
    /// content is absent from then on.
    /// </summary>
    public async Task<IReadOnlySet<BlobName>> RereadAsync(IReadOnlyList<BlobName> names, CancellationToken cancellationToken)
    {
        var files = new VerifyFiles([.. names.Select(name => name.ToString())], Reread: true);
        var verified = await server.GetAsync(server.Client.VerifyFilesAsync(request.BucketId, files, cancellationToken));
        return (verified.Items ?? []).Where(file => file.Result == RereadResult.Right)
            .Select(file => BlobNames.Parse(file.Name)).OfType<BlobName>().ToHashSet();
    }

    private async Task<BucketCreated> CreateAsync(Bucket source, CancellationToken cancellationToken)
    {
        var bucket = new CreateBucket(request.BucketId, source.Label, HoldDays: source.HoldDays == 0 ? null : source.HoldDays);
        try
        {
            return await server.GetAsync(server.Client.CreateBucketAsync(bucket, cancellationToken));
        }
        catch (TransferException refusal) when (refusal.Code == NotAllowed)
        {
            run.Log(
                $"The administrator on {server.Host} may not set the hold of {source.HoldDays} days, so that server's default applies.");
            return await server.GetAsync(server.Client.CreateBucketAsync(bucket with { HoldDays = null }, cancellationToken));
        }
    }

    private async Task<Guid?> CopyKeyAsync(BucketKey key, bool isLast, CancellationToken cancellationToken)
    {
        var copy = new CreateBucketKey(key.Mode, key.Label, key.ExpiresAt, key.Hash, key.Format);
        try
        {
            return (await server.GetAsync(server.Client.AddBucketKeyAsync(request.BucketId, copy, cancellationToken))).Key.Id;
        }
        catch (TransferException refusal) when (refusal.Code == TooManyKeys)
        {
            return !isLast ? null // there is room once the transfer no longer needs its own
                : throw new TransferException(
                    $"The bucket on {server.Host} has as many keys as it may have. Revoke some of them there or here, then resume.",
                    TooManyKeys, cause: refusal);
        }
    }

    private Task RevokeAsync(Guid keyId, CancellationToken cancellationToken) =>
        server.DoAsync(server.Client.RevokeBucketKeyAsync(request.BucketId, keyId, cancellationToken));

    private async Task<List<BucketKey>> ReadKeysAsync(string bucketId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<BucketKey>().AsNoTracking()
            .Where(key => key.BucketId == bucketId && (key.ExpiresAt == null || key.ExpiresAt > now))
            .OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
    }
}
