using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>
/// Lets the holders of keys have files read again, one request per bucket at a time, and few of one organization and of all, so that
/// none of them keeps the disks for itself. Thread-safe.
/// </summary>
internal sealed class RereadTurns
{
    private const int Most = 8;
    private const int MostPerOrganization = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _organizations = new(StringComparer.Ordinal); // by bucket

    /// <summary>A turn, which its owner disposes; null when the caller has to come back later.</summary>
    public IDisposable? TryEnter(OpenBucket bucket)
    {
        lock (_lock)
        {
            var ofOrganization = _organizations.Values.Count(organization => organization == bucket.OrganizationId);
            return _organizations.Count < Most && ofOrganization < MostPerOrganization
                && _organizations.TryAdd(bucket.Id, bucket.OrganizationId)
                ? new Turn(this, bucket.Id) : null;
        }
    }

    private void Leave(string bucketId)
    {
        lock (_lock)
        {
            _organizations.Remove(bucketId);
        }
    }

    private sealed class Turn(RereadTurns turns, string bucketId) : IDisposable
    {
        public void Dispose() => turns.Leave(bucketId);
    }
}
