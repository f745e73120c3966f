using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The bucket on the other server, made when it is not there, with a key for this transfer that goes when the work stops.</summary>
internal sealed class TargetBucket(TargetServer server, TransferParameters request, TaskRun run, TimeProvider time)
{
    // Goes by itself should this server never come back; a transfer that takes longer gets another one.
    private static readonly TimeSpan LifeOfKey = TimeSpan.FromDays(7);
    private readonly string _label = $"transfer {run.Id}";
    private Guid? _key;

    public string Keys => Routes.BucketKeys.Replace("{bucketId}", request.BucketId, StringComparison.Ordinal);

    private string Address => Routes.Bucket.Replace("{bucketId}", request.BucketId, StringComparison.Ordinal);

    /// <summary>Id of the key of this transfer; null before there is one.</summary>
    public Guid? KeyId => _key;

    /// <summary>Makes the bucket or takes the one that is there.</summary>
    public async Task PrepareAsync(Bucket source, CancellationToken cancellationToken)
    {
        var found = await server.GetAsync<BucketInfo>(Address, cancellationToken);
        if (found?.MovedTo is { } elsewhere)
        {
            throw new TargetException(
                $"The bucket {request.BucketId} on {server.Calls.Host} has itself moved to {elsewhere}. Let it take files again there, or choose another id.", "target_moved");
        }

        if (found is null)
        {
            var made = await CreateAsync(source, cancellationToken);
            run.Keep(TransferCheckpoint.Empty with { FirstKey = made.Key.Id });
            run.Log($"The bucket {request.BucketId} was made on {server.Calls.Host}.");
        }
    }

    /// <summary>The secret of a new key for this transfer; those of earlier runs go.</summary>
    public async Task<string> AddKeyAsync(CancellationToken cancellationToken)
    {
        await RemoveKeysAsync(cancellationToken);
        var added = await server.PostAsync<BucketKeyCreated>(
            Keys, new CreateBucketKey(BucketKeyMode.Full, _label, time.GetUtcNow().UtcDateTime + LifeOfKey), cancellationToken);
        _key = added.Key.Id;
        return added.Secret!;
    }

    /// <summary>Takes back what this transfer needed for itself.</summary>
    public async Task RemoveKeysAsync(CancellationToken cancellationToken)
    {
        var keys = await server.GetAsync<Page<BucketKeyInfo>>(Keys, cancellationToken);
        foreach (var key in keys?.Items.Where(key => key.Label == _label) ?? [])
        {
            await RemoveKeyAsync(key.Id, cancellationToken);
        }

        _key = null;
    }

    /// <summary>Gives it the quota that it has here, unless it has one there. At the end, so that it cannot be what stops the files from coming.</summary>
    public async Task GiveQuotaAsync(Bucket source, CancellationToken cancellationToken)
    {
        if ((source.SoftQuotaBytes, source.HardQuotaBytes) is (null, null)
            || (await server.GetAsync<BucketInfo>(Address, cancellationToken))?.Quota is not { SoftBytes: null, HardBytes: null })
        {
            return;
        }

        try
        {
            await server.PatchAsync(Address, new UpdateBucket(SoftQuotaBytes: source.SoftQuotaBytes, HardQuotaBytes: source.HardQuotaBytes), cancellationToken);
        }
        catch (TargetException refusal) when (refusal.Code == "full_administrator_required")
        {
            run.Log($"The administrator on {server.Calls.Host} may not set quotas, so the bucket has none there.");
        }
    }

    public Task RemoveKeyAsync(Guid id, CancellationToken cancellationToken) => server.DeleteAsync($"{Keys}/{id}", cancellationToken);

    private async Task<BucketCreated> CreateAsync(Bucket source, CancellationToken cancellationToken)
    {
        var bucket = new CreateBucket(request.BucketId, source.Label, HoldDays: source.HoldDays == 0 ? null : source.HoldDays);
        try
        {
            return await server.PostAsync<BucketCreated>(Routes.Buckets, bucket, cancellationToken);
        }
        catch (TargetException refusal) when (refusal.Code == "full_administrator_required")
        {
            run.Log($"The administrator on {server.Calls.Host} may not set the hold of {source.HoldDays} days, so deleted files are held there as long as is usual there.");
            return await server.PostAsync<BucketCreated>(Routes.Buckets, bucket with { HoldDays = null }, cancellationToken);
        }
    }
}
