using Halley.Protocol;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>
/// Stores the faults of files until they are healed or dismissed. The quarantine is read from the disks, so a crash never loses a file
/// that a scrub, a move or an upload has put there.
/// </summary>
internal sealed partial class FindingStore(
    IDbContextFactory<ServerDbContext> databases, VolumeSet volumes, BucketCache cache, CorruptFilesGauge gauge, TimeProvider time,
    ILogger<FindingStore> logger) : IDisposable
{
    /// <summary>The part of findings beside the buckets.</summary>
    public const int Beside = -1;
    private const int MostAtOnce = 1000;
    private readonly SemaphoreSlim _changes = new(1);

    /// <summary>
    /// Stores the findings of a scrub in a part of a bucket. Earlier findings there that it did not find again are healed.
    /// </summary>
    /// <param name="volumeId">The volume.</param>
    /// <param name="bucketId">The bucket; empty for entries beside the buckets.</param>
    /// <param name="part">Number of the part; <see cref="Beside"/> for entries beside the buckets.</param>
    /// <param name="findings">All findings of this scrub in the part.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public Task RecordAsync(
        Guid volumeId, string bucketId, int part, IReadOnlyList<ScrubFinding> findings, CancellationToken cancellationToken) =>
        ChangeAsync(async database =>
        {
            var now = time.GetUtcNow().UtcDateTime;
            var found = findings.Where(finding => finding.Kind <= FindingKind.ConfigConflict)
                .Select(finding => FindingRecord.Of(finding, part, now)).ToList();
            var open = await database.Set<FindingRecord>()
                .Where(row => row.VolumeId == volumeId && row.BucketId == bucketId && row.Part == part)
                .Where(row => row.State == ScrubFindingState.Open && row.KeptAs == null)
                .ToListAsync(cancellationToken);
            foreach (var healed in open.Where(row => !found.Exists(other => IsSame(row, other))))
            {
                Close(healed, ScrubFindingState.Healed);
                LogHealed(logger, healed.Path, healed.BucketId);
            }

            await AddNewAsync(database, found, cancellationToken);
            foreach (var duplicate in findings.Where(finding => finding.Kind == FindingKind.Duplicate))
            {
                Uncount(duplicate.BucketId, duplicate.Length);
            }
        }, cancellationToken);

    /// <summary>Buckets and parts on a volume with open findings that a scrub may find healed.</summary>
    public async Task<HashSet<(string BucketId, int Part)>> OpenPartsAsync(Guid volumeId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var open = await database.Set<FindingRecord>()
            .Where(row => row.VolumeId == volumeId && row.State == ScrubFindingState.Open && row.KeptAs == null)
            .Select(row => new { row.BucketId, row.Part }).Distinct().ToListAsync(cancellationToken);
        return [.. open.Select(row => (row.BucketId, row.Part))];
    }

    /// <summary>Open findings by volume and kind.</summary>
    public async Task<IReadOnlyList<OpenFindings>> CountOpenAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<FindingRecord>().Where(row => row.State == ScrubFindingState.Open)
            .GroupBy(row => new { row.VolumeId, row.Kind })
            .Select(group => new OpenFindings(group.Key.VolumeId, group.Key.Kind, group.LongCount())).ToListAsync(cancellationToken);
    }

    /// <summary>Stores a finding about a single file.</summary>
    public Task RecordAsync(ScrubFinding finding, int part, CancellationToken cancellationToken) =>
        ChangeAsync(
            database => AddNewAsync(database, [FindingRecord.Of(finding, part, time.GetUtcNow().UtcDateTime)], cancellationToken),
            cancellationToken);

    /// <summary>Stores a finding about the trash of a volume, which the next scrub of the volume may find healed.</summary>
    public Task RecordAsync(Guid volumeId, UnreadableTrash found, CancellationToken cancellationToken) =>
        RecordAsync(FindingOf(volumeId, found), Beside, cancellationToken);

    public static ScrubFinding FindingOf(Guid volumeId, UnreadableTrash found) =>
        new(FindingKind.Unreadable, volumeId, "", found.Path, null, null, null, found.Reason, null);

    /// <summary>
    /// Stores the files in the quarantine of the volumes that are not stored yet: from moves and uploads, or from just before a crash.
    /// </summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            try
            {
                var kept = await Task.Run(volume.ListQuarantine, cancellationToken);
                await ChangeAsync(
                    database => AddNewAsync(
                        database, [.. kept.Select(file => FindingRecord.Of(volume.Id, file.KeptAs, file.Facts))],
                        cancellationToken), cancellationToken);
            }
            catch (BlobStoreException error)
            {
                LogNotRead(logger, volume.Id, error);
            }
        }
    }

    /// <summary>Closes the findings about files that were uploaded again.</summary>
    public Task HealAsync(CancellationToken cancellationToken) => ChangeAsync(async database =>
    {
        Guid? last = null;
        while (true)
        {
            var query = database.Set<FindingRecord>().Where(row => row.State == ScrubFindingState.Open && row.KeptAs != null);
            query = last is { } after ? query.Where(row => row.Id.CompareTo(after) > 0) : query;
            var open = await query.OrderBy(row => row.Id).Take(MostAtOnce).ToListAsync(cancellationToken);
            foreach (var finding in open)
            {
                if (await HasReturnedAsync(finding, cancellationToken))
                {
                    Close(finding, ScrubFindingState.Healed);
                    LogHealed(logger, finding.Path, finding.BucketId);
                }
            }

            if (open.Count < MostAtOnce)
            {
                return;
            }

            last = open[^1].Id;
        }
    }, cancellationToken);

    /// <summary>Closes a finding that needs no action. Null for an unknown id.</summary>
    public async Task<ScrubFindingInfo?> DismissAsync(Guid id, string actor, CancellationToken cancellationToken)
    {
        FindingRecord? found = null;
        await ChangeAsync(async database =>
        {
            found = await database.Set<FindingRecord>().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (found is { State: ScrubFindingState.Open })
            {
                Close(found, ScrubFindingState.Dismissed);
                LogDismissed(logger, actor, found.Path, found.BucketId);
            }
        }, cancellationToken);
        return found?.ToWire();
    }

    /// <summary>Files of a bucket that are lost: corrupt or unreadable, and not healed.</summary>
    public async Task<IReadOnlyList<LostFile>> ListLostAsync(string bucketId, int most, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var open = await Lost(database).AsNoTracking().Where(row => row.BucketId == bucketId).OrderBy(row => row.Id).Take(most)
            .ToListAsync(cancellationToken);
        var lost = new List<LostFile>();
        foreach (var row in open.Where(row => BlobNames.Parse(row.Path) is not null))
        {
            if (!await HasReturnedAsync(row, cancellationToken))
            {
                lost.Add(new LostFile(row.Path, DateTime.SpecifyKind(row.FoundAt, DateTimeKind.Utc)));
            }
        }

        return lost;
    }

    /// <summary>Closes the findings about lost files that nobody needs any more.</summary>
    public Task CloseLostAsync(string bucketId, IReadOnlySet<string> paths, CancellationToken cancellationToken) =>
        ChangeAsync(async database =>
        {
            var open = await Lost(database).Where(row => row.BucketId == bucketId).ToListAsync(cancellationToken);
            foreach (var finding in open.Where(row => paths.Contains(row.Path)))
            {
                Close(finding, ScrubFindingState.Healed);
                LogHealed(logger, finding.Path, finding.BucketId);
            }
        }, cancellationToken);

    /// <summary>Losses since a time: the id of the finding, and the bucket.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> LossesSinceAsync(DateTime since, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Lost(database).Where(row => row.FoundAt >= since && row.BucketId != "").OrderBy(row => row.Id).Take(MostAtOnce)
            .ToDictionaryAsync(row => row.Id, row => row.BucketId, cancellationToken);
    }

    /// <summary>Findings, newest first: those that follow <paramref name="after"/> in the list.</summary>
    public async Task<IReadOnlyList<ScrubFindingInfo>> ListAsync(
        ScrubFindingState? state, Guid? volumeId, string? bucketId, Guid? after, int limit, CancellationToken cancellationToken)
    {
        await HealAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var query = database.Set<FindingRecord>().AsNoTracking();
        query = state is { } wanted ? query.Where(row => row.State == wanted) : query;
        query = volumeId is { } volume ? query.Where(row => row.VolumeId == volume) : query;
        query = bucketId is { } bucket ? query.Where(row => row.BucketId == bucket) : query;
        if (after is { } id
            && await database.Set<FindingRecord>().AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } last)
        {
            query = query.Where(row => row.FoundAt < last.FoundAt || (row.FoundAt == last.FoundAt && row.Id.CompareTo(last.Id) < 0));
        }

        var found = await query.OrderByDescending(row => row.FoundAt).ThenByDescending(row => row.Id).Take(limit)
            .ToListAsync(cancellationToken);
        return [.. found.Select(row => row.ToWire())];
    }

    public void Dispose() => _changes.Dispose();

    private static IQueryable<FindingRecord> Lost(ServerDbContext database) => database.Set<FindingRecord>().Where(
        row => row.State == ScrubFindingState.Open
            && (row.Kind == ScrubFindingKind.Corrupt || row.Kind == ScrubFindingKind.Unreadable));

    private static bool IsSame(FindingRecord one, FindingRecord other) =>
        one.Kind == other.Kind && one.VolumeId == other.VolumeId && one.BucketId == other.BucketId && one.Path == other.Path
            && one.KeptAs == other.KeptAs;

    // One at a time, because a scrub and the collection from the quarantine may find the same file.
    private async Task ChangeAsync(Func<ServerDbContext, Task> change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await change(database);
            await database.SaveChangesAsync(cancellationToken);
            gauge.Count = await Lost(database).LongCountAsync(cancellationToken);
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task AddNewAsync(ServerDbContext database, IReadOnlyList<FindingRecord> found, CancellationToken cancellationToken)
    {
        foreach (var group in found.GroupBy(finding => finding.VolumeId))
        {
            var known = (await database.Set<FindingRecord>().AsNoTracking()
                .Where(row => row.VolumeId == group.Key && (row.KeptAs != null || row.State == ScrubFindingState.Open))
                .Select(row => new { row.Kind, row.BucketId, row.Path, row.KeptAs }).ToListAsync(cancellationToken)).ToHashSet();
            foreach (var finding in group.Where(finding => known.Add(new { finding.Kind, finding.BucketId, finding.Path, finding.KeptAs })))
            {
                database.Add(finding);
                LogFound(finding);
                Uncount(finding.BucketId, finding.KeptAs is null ? null : finding.Bytes);
            }
        }
    }

    private void Uncount(string bucketId, long? length)
    {
        if (length is { } gone && cache.TryFind(bucketId, out var bucket))
        {
            bucket.Usage.Deleted(gone, isHeld: false);
        }
    }

    private void Close(FindingRecord finding, ScrubFindingState state) =>
        (finding.State, finding.ClosedAt) = (state, time.GetUtcNow().UtcDateTime);

    private async Task<bool> HasReturnedAsync(FindingRecord finding, CancellationToken cancellationToken)
    {
        if (BlobNames.Parse(finding.Path) is not { } name)
        {
            return false;
        }

        try
        {
            return cache.TryFind(finding.BucketId, out var bucket)
                ? await bucket.Store.FindAsync(name, cancellationToken) is not null
                // the bucket was deleted, and its backups with it
                : !volumes.All.Any(volume => volume.ListBuckets().Contains(finding.BucketId));
        }
        catch (BlobStoreException)
        {
            return false; // a volume is offline, so it is unknown
        }
    }

    private void LogFound(FindingRecord finding)
    {
        if (finding.Kind is ScrubFindingKind.Corrupt or ScrubFindingKind.Unreadable)
        {
            LogBad(logger, finding.Path, finding.BucketId, finding.VolumeId, finding.Kind, finding.Reason, finding.KeptAs);
        }
        else
        {
            LogNotInPlace(logger, finding.Path, finding.BucketId, finding.VolumeId, finding.Kind, finding.Reason);
        }
    }

    [LoggerMessage(LogEvents.FileQuarantined, LogLevel.Error,
        "{Path} of bucket {Bucket} on volume {Volume} is {Kind}: {Reason} Quarantined as {KeptAs}")]
    private static partial void LogBad(
        ILogger logger, string path, string bucket, Guid volume, ScrubFindingKind kind, string reason, string? keptAs);

    [LoggerMessage(LogEvents.FileNotInPlace, LogLevel.Warning, "{Path} of bucket {Bucket} on volume {Volume} is {Kind}: {Reason}")]
    private static partial void LogNotInPlace(
        ILogger logger, string path, string bucket, Guid volume, ScrubFindingKind kind, string reason);

    [LoggerMessage(LogEvents.FindingHealed, LogLevel.Information, "{Path} of bucket {Bucket} is in order again")]
    private static partial void LogHealed(ILogger logger, string path, string bucket);

    [LoggerMessage(LogEvents.FindingDismissed, LogLevel.Information, "{Actor} dismissed the finding about {Path} of bucket {Bucket}")]
    private static partial void LogDismissed(ILogger logger, string actor, string path, string bucket);

    [LoggerMessage(LogEvents.QuarantineNotRead, LogLevel.Warning, "The quarantine of volume {Volume} could not be read")]
    private static partial void LogNotRead(ILogger logger, Guid volume, Exception error);
}

/// <summary>A file of a bucket that is lost.</summary>
internal sealed record LostFile(string Path, DateTime FoundAt);

/// <summary>How many findings of a kind are open on a volume.</summary>
internal sealed record OpenFindings(Guid VolumeId, ScrubFindingKind Kind, long Count)
{
    /// <summary>True when files of backups are lost until a device heals them.</summary>
    public bool IsLoss => Kind is ScrubFindingKind.Corrupt or ScrubFindingKind.Unreadable;
}

/// <summary>Collects findings from the quarantine, and closes those about files that were uploaded again.</summary>
internal sealed class FindingsWork(FindingStore findings)
{
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await findings.CollectAsync(cancellationToken);
        await findings.HealAsync(cancellationToken);
    }
}
