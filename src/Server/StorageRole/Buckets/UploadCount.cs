namespace Halley.Server.StorageRole.Buckets;

/// <summary>The number of uploads in progress of a key, a bucket or an organization.</summary>
internal sealed class UploadCount
{
    private int _count;

    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _count) <= most)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
