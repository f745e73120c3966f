using Halley.Server.StorageRole.Buckets;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>DELETE of a file. With a hold, the file goes to the trash, and the brake limits the number of deletes in a day.</summary>
internal sealed class VaultDelete(BucketActions buckets)
{
    public async Task RunAsync(HttpContext context, VaultVisitor visitor, BlobName name)
    {
        var bucket = visitor.Bucket!;
        var isHeld = bucket.Holds(name.Type);
        if (isHeld && !bucket.IsBrakeOff && await IsFrozenAsync(bucket))
        {
            await VaultAnswers.ForbiddenAsync(
                context, "deletes_frozen",
                "Far more than usual was deleted from this bucket, so deletes are frozen until an administrator allows them again.");
            return;
        }

        if (await DeleteAsync(context, bucket, name, isHeld) && name.Type != BlobType.Locks && (!isHeld || bucket.IsBrakeOff))
        {
            bucket.Brake.Count();
        }

        await VaultAnswers.OkAsync(context); // also if the file did not exist: this may be the retry of a delete whose response was lost
    }

    private static async Task<bool> DeleteAsync(HttpContext context, OpenBucket bucket, BlobName name, bool isHeld)
    {
        bucket.Usage.Leaving();
        try
        {
            if (await bucket.Store.DeleteAsync(name, context.RequestAborted) is not { } length)
            {
                return false;
            }

            bucket.Usage.Deleted(length, isHeld);
            return true;
        }
        finally
        {
            bucket.Usage.Left();
        }
    }

    private async ValueTask<bool> IsFrozenAsync(OpenBucket bucket)
    {
        if (bucket.FrozenAt is null && bucket.Brake.TryCount(bucket.Usage.Now.Files))
        {
            return false;
        }

        await buckets.FreezeAsync(bucket);
        return true;
    }
}
