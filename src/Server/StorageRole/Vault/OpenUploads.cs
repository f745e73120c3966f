using System.Collections.Concurrent;
using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// The uploads in progress. Each holds memory, a file and a little promised room, so their number is limited by key, bucket and
/// organization, and those without progress are ended. Nothing here is shared while a body is read.
/// </summary>
internal sealed partial class OpenUploads(TimeProvider time, ILogger<OpenUploads> logger)
{
    /// <summary>restic has five connections by default, and rarely more than fifty.</summary>
    public const int MostOfKey = 128;

    public const int MostOfBucket = 256;
    public const int MostOfOrganization = 1024;

    /// <summary>The buckets of no organization, which are all buckets of many servers.</summary>
    public const int MostOfTopLevel = 4096;

    /// <summary>A line may stall for a while, so this is as long as a download may.</summary>
    public static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<OpenUpload, bool> _open = new();
    private readonly ConcurrentDictionary<string, UploadCount> _organizations = new(StringComparer.Ordinal);

    /// <summary>Counts an upload until it is disposed; null if there are too many.</summary>
    public OpenUpload? TryBegin(OpenBucket bucket, AccessKey key, Action abort)
    {
        var organization = _organizations.GetOrAdd(bucket.OrganizationId, _ => new UploadCount());
        if (!key.Use.Uploads.TryEnter(MostOfKey))
        {
            return null;
        }

        if (!bucket.Uploads.TryEnter(MostOfBucket))
        {
            key.Use.Uploads.Leave();
            return null;
        }

        if (!organization.TryEnter(bucket.OrganizationId.Length == 0 ? MostOfTopLevel : MostOfOrganization))
        {
            bucket.Uploads.Leave();
            key.Use.Uploads.Leave();
            return null;
        }

        var upload = new OpenUpload(time.GetTimestamp(), abort, ended =>
        {
            _open.TryRemove(ended, out _);
            organization.Leave();
            bucket.Uploads.Leave();
            key.Use.Uploads.Leave();
        });
        _open[upload] = true;
        return upload;
    }

    /// <summary>Ends the uploads of which nothing has arrived for <see cref="StallLimit"/>.</summary>
    public void EndStalled()
    {
        foreach (var upload in _open.Keys.Where(upload => upload.SinceProgress(time) >= StallLimit))
        {
            LogStalled(upload.Bytes);
            upload.Abort();
        }
    }

    [LoggerMessage(LogEvents.UploadStalled, LogLevel.Information, "An upload was ended: after {Bytes} bytes nothing arrived for minutes")]
    private partial void LogStalled(long bytes);
}

/// <summary>One upload in progress.</summary>
internal sealed class OpenUpload(long startedAt, Action abort, Action<OpenUpload> ended) : IDisposable
{
    private readonly Lock _ending = new();
    private bool _hasEnded;
    private long _bytes;
    private long _seen = -1;
    private long _seenAt = startedAt;

    /// <summary>Bytes that have arrived.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(int bytes) => Volatile.Write(ref _bytes, _bytes + bytes);

    /// <summary>How long nothing has arrived, as far as earlier calls have noticed.</summary>
    public TimeSpan SinceProgress(TimeProvider time)
    {
        if (Bytes != _seen)
        {
            (_seen, _seenAt) = (Bytes, time.GetTimestamp());
        }

        return time.GetElapsedTime(_seenAt);
    }

    /// <summary>Aborts the request, unless it has ended by itself: its connection may serve another one by now.</summary>
    public void Abort()
    {
        lock (_ending)
        {
            if (!_hasEnded)
            {
                abort();
            }
        }
    }

    public void Dispose()
    {
        lock (_ending)
        {
            _hasEnded = true;
        }

        ended(this);
    }
}
