using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Verification;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>The operations on volumes. The database lists them; their content is on their disks.</summary>
internal sealed partial class VolumeActions(
    VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, BucketAdoption adoption, DataDirectory directory, TimeProvider time,
    ILogger<VolumeActions> logger) : IDisposable
{
    /// <summary>The file that marks a directory as a volume.</summary>
    public const string MarkerName = Volume.MarkerName;

    /// <summary>The code of the refusal because another server has the volume.</summary>
    public const string OwnedCode = "volume_owned";

    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    private readonly SemaphoreSlim _changes = new(1);

    public static Refusal NotFound { get; } = Refusal.NotFound("volume_not_found", "There is no volume with this id.");

    /// <summary>
    /// Opens every known volume when the server starts. A volume whose directory is missing is offline; the others are served.
    /// </summary>
    /// <param name="firstVolume">Directory that becomes the first volume if none exists yet.</param>
    /// <param name="cancellationToken">Stops opening.</param>
    /// <returns>Why the first volume cannot be made, or null.</returns>
    public async Task<Refusal?> OpenAsync(string firstVolume, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var records = await database.Set<VolumeRecord>().AsNoTracking().OrderBy(volume => volume.AddedAt).ToListAsync(cancellationToken);
        if (records.Count == 0)
        {
            return (await AddAsync(Caller.Server, new AddVolume(firstVolume), cancellationToken)).Refusal;
        }

        foreach (var record in records)
        {
            await OpenAsync(record, cancellationToken);
        }

        return null;
    }

    public async Task<Outcome<Page<VolumeInfo>>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.Lacks(Requires.TopLevel) is { } refusal ? refusal : new Page<VolumeInfo>(await ReadAsync(cancellationToken), Next: null);

    public async Task<Outcome<VolumeInfo>> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        caller.Lacks(Requires.TopLevel) is { } refusal ? refusal
        : (await ReadAsync(cancellationToken)).FirstOrDefault(volume => volume.Id == id) is { } found ? found
        : NotFound;

    public async Task<Outcome<VolumeInfo>> AddAsync(Caller caller, AddVolume request, CancellationToken cancellationToken)
    {
        if ((caller.Lacks(Rights) ?? CheckPath(request.Path ?? "")) is { } refusal)
        {
            return refusal;
        }

        var path = Normalize(request.Path!);
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var outcome = await AddUnderLockAsync(caller, path, request.TakeOver, cancellationToken);
            return outcome.TryGet(out var id, out var obstacle) ? await FindAsync(caller, id, cancellationToken) : obstacle;
        }
        catch (BlobStoreException error)
        {
            LogNotAdded(logger, path, error.Message);
            return Refusal.Invalid("volume_unusable", error.Message);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Where a directory is, or would be made, so that an administrator can see whether the disk meant is mounted there.</summary>
    public Outcome<VolumePlace> FindPlace(Caller caller, string path)
    {
        if ((caller.Lacks(Rights) ?? CheckPath(path) ?? OverlapOf(Normalize(path), besides: null)) is { } refusal)
        {
            return refusal;
        }

        var real = RealPath.Of(Normalize(path));
        var device = volumes.DeviceOf(real);
        return new VolumePlace(
            Directory.Exists(real), device is not null && device == volumes.DeviceOf(Path.GetPathRoot(real)!),
            PathsOn(device, besides: null));
    }

    /// <summary>
    /// Changes the mode of a volume, its path, or both, and takes it over from another server. The marker of the volume must already be at
    /// a new path, because the disk was mounted elsewhere or copied.
    /// </summary>
    public async Task<Outcome<VolumeInfo>> UpdateAsync(Caller caller, Guid id, UpdateVolume request, CancellationToken cancellationToken)
    {
        if ((caller.Lacks(Rights) ?? (request.Path is { } given ? CheckPath(given) : null)) is { } refusal)
        {
            return refusal;
        }

        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (volumes.Find(id) is not { } volume)
            {
                return NotFound;
            }

            var path = request.Path is null ? volume.Path : Normalize(request.Path);
            if ((request.Path is not null || request.TakeOver)
                && await RelocateAsync(caller, volume, path, request.TakeOver, cancellationToken) is { } obstacle)
            {
                return obstacle;
            }

            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
            await database.Set<VolumeRecord>().Where(record => record.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(record => record.Path, path)
                    .SetProperty(record => record.Mode, record => request.Mode ?? record.Mode),
                cancellationToken);
            database.Add(EventOf(
                StreamableEventType.VolumeChanged, caller, id, new { Path = path, Mode = request.Mode?.ToString(), request.TakeOver }));
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
            if (request.Mode is { } mode && volumes.Find(id) is { } current) // a new path makes a new object
            {
                current.IsWritable = mode == VolumeMode.Writable;
            }
        }
        catch (BlobStoreException error)
        {
            return Refusal.Invalid("volume_unusable", error.Message);
        }
        finally
        {
            _changes.Release();
        }

        return await FindAsync(caller, id, cancellationToken);
    }

    /// <summary>Takes an empty volume out of service. A volume that holds files, or that cannot be examined, stays.</summary>
    public async Task<Refusal?> RemoveAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        if (volumes.Find(id) is not { } volume)
        {
            return NotFound;
        }

        var wasWritable = volume.IsWritable;
        volume.IsWritable = false; // no upload may begin here while the volume is examined
        if (await Task.Run(() => CheckEmpty(volume), cancellationToken) is { } obstacle)
        {
            volume.IsWritable = wasWritable;
            return obstacle;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<VolumeRecord>().Where(record => record.Id == id).ExecuteDeleteAsync(cancellationToken);
        database.Add(EventOf(StreamableEventType.VolumeRemoved, caller, id, new { volume.Path }));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        volumes.Remove(volume);
        LogRemoved(logger, id, volume.Path);
        return null;
    }

    public void Dispose() => _changes.Dispose();

    private EventRecord EventOf(StreamableEventType type, Caller caller, Guid id, object data) => EventRecord.Of(
        type, time.GetUtcNow(), caller.Name, organizationId: "", id.ToString(), JsonSerializer.Serialize(data));

    private static Refusal? CheckPath(string path) => Path.IsPathFullyQualified(path)
        ? null
        : Refusal.Invalid("volume_path_relative", "Give the absolute path of a directory on the server, for example /mnt/disk2.");

    private static string Normalize(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static Refusal? CheckEmpty(Volume volume)
    {
        try
        {
            return volume.IsBeingWritten
                ? Refusal.Conflict("volume_in_use", "Files are being written to the volume. Make it read-only and try again in a moment.")
                : (volume.HoldsFiles() || new VolumeTrash(volume).HoldsFiles())
                    ? Refusal.Conflict(
                        "volume_not_empty",
                        "The volume holds files of buckets, or deleted files that are held. Drain it first; then it can be removed.")
                    : null;
        }
        catch (BlobStoreException error)
        {
            return Refusal.Conflict(
                StoreFaults.CodeOf(error),
                $"{error.Message} The volume may hold files, so it cannot be removed before all of it can be read.");
        }
    }

    private async Task<Refusal?> RelocateAsync(
        Caller caller, Volume volume, string path, bool takeOver, CancellationToken cancellationToken)
    {
        var before = volume.Path;
        if (OverlapOf(path, besides: volume) is { } overlap)
        {
            return overlap;
        }

        if (!takeOver && volumes.FindOtherOwner(path) is { } owner)
        {
            return Owned(owner);
        }

        var problem = (takeOver ? TakeOver(caller, volume.Id, path) : null)
            ?? await volumes.RelocateAsync(volume, path, VolumeProbeWork.Patience, cancellationToken);
        if (problem is not null)
        {
            return Refusal.Conflict(
                "volume_marker_missing", $"{path} is not this volume: {problem} Its files must be there before the path is changed.");
        }

        if (path != before)
        {
            LogRelocated(logger, volume.Id, before, path);
        }

        return null;
    }

    private string? TakeOver(Caller caller, Guid id, string path)
    {
        var problem = volumes.TakeOver(id, path);
        if (problem is null)
        {
            LogTakenOver(logger, id, path, caller.Name);
        }

        return problem;
    }

    private static Refusal Owned(string owner) => Refusal.Conflict(
        OwnedCode, $"{owner} If no process of that server runs any more, take the volume over (takeOver).");

    private async Task<List<VolumeInfo>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var records = await database.Set<VolumeRecord>().AsNoTracking().OrderBy(volume => volume.AddedAt).ToListAsync(cancellationToken);
        var verified = await ScrubTimes.OldestByVolumeAsync(database, cancellationToken);
        return [.. records.Select(record => (record, volume: volumes.Find(record.Id))).Where(row => row.volume is not null)
            .Select(row => row.record.ToWire(row.volume!, verified.TryGetValue(row.record.Id, out var oldest) ? oldest : null)
                with { SameDiskAs = PathsOn(row.volume!.Device, row.volume), UsedElsewhere = row.volume.IsUsedElsewhere })];
    }

    private List<string> PathsOn(ulong? device, Volume? besides) => device is null
        ? []
        : [.. volumes.All.Where(other => other != besides && other.Device == device).Select(other => other.Path)];

    private async Task<Outcome<Guid>> AddUnderLockAsync(Caller caller, string path, bool takeOver, CancellationToken cancellationToken)
    {
        if (OverlapOf(path, besides: null) is { } overlap)
        {
            return overlap;
        }

        if (!takeOver && volumes.FindOtherOwner(path) is { } owner)
        {
            return Owned(owner);
        }

        var id = volumes.Mark(path);
        if (volumes.Find(id) is { } same)
        {
            return Refusal.Conflict(
                "volume_known", $"The directory has the marker of the volume at {same.Path}; it is the same disk or a copy of it.");
        }

        if (takeOver && TakeOver(caller, id, path) is { } problem)
        {
            return Refusal.Invalid("volume_unusable", problem);
        }

        var record = new VolumeRecord { Id = id, Path = path, AddedAt = time.GetUtcNow().UtcDateTime };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(record);
        database.Add(EventOf(StreamableEventType.VolumeAdded, caller, id, new { record.Path, TakeOver = takeOver }));
        await database.SaveChangesAsync(cancellationToken);
        var volume = await OpenAsync(record, cancellationToken);
        LogAdded(logger, id, path);
        await adoption.AdoptAsync(volume, cancellationToken);
        return id;
    }

    private async Task<Volume> OpenAsync(VolumeRecord record, CancellationToken cancellationToken)
    {
        var volume = await volumes.AddAsync(
            record.Id, record.Path, record.Mode == VolumeMode.Writable, VolumeProbeWork.Patience, cancellationToken);
        if (volume.Problem is { } problem)
        {
            LogOffline(logger, record.Id, record.Path, problem);
            return volume;
        }

        try
        {
            if (volume.SweepStaging() is > 0 and var swept)
            {
                LogSwept(logger, swept, record.Path);
            }
        }
        catch (BlobStoreException failure)
        {
            LogNotSwept(logger, record.Path, failure); // what it holds can be read all the same
        }

        return volume;
    }

    // A volume inside another would be scrubbed, moved and deleted with it; one among the server's own files would mix with them.
    private Refusal? OverlapOf(string path, Volume? besides)
    {
        var real = RealPath.Of(path);
        bool Overlaps(string other) =>
            RealPath.Of(other) is var there && (RealPath.IsInside(real, there) || RealPath.IsInside(there, real));
        return volumes.All.FirstOrDefault(other => other != besides && Overlaps(other.Path)) is { } volume
                ? Overlap($"the volume at {volume.Path}")
            : directory.OwnDirectories.FirstOrDefault(Overlaps) is { } own ? Overlap($"the server's own directory {own}")
            : null;
    }

    private static Refusal Overlap(string what) =>
        Refusal.Conflict("volume_overlaps", $"The directory is, contains, or lies inside {what}. Choose another directory.");

    [LoggerMessage(LogEvents.VolumeAdded, LogLevel.Information, "Volume {Volume} at {Path} was added")]
    private static partial void LogAdded(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeNotAdded, LogLevel.Warning, "The directory {Path} could not be made a volume: {Reason}")]
    private static partial void LogNotAdded(ILogger logger, string path, string reason);

    [LoggerMessage(LogEvents.VolumeRemoved, LogLevel.Information, "Volume {Volume} at {Path} was removed")]
    private static partial void LogRemoved(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeRelocated, LogLevel.Information, "Volume {Volume} moved from {Path} to {NewPath}")]
    private static partial void LogRelocated(ILogger logger, Guid volume, string path, string newPath);

    [LoggerMessage(LogEvents.VolumeTakenOver, LogLevel.Warning, "{Caller} took volume {Volume} at {Path} over from another server")]
    private static partial void LogTakenOver(ILogger logger, Guid volume, string path, string caller);

    [LoggerMessage(LogEvents.VolumeOfflineAtStart, LogLevel.Error, "Volume {Volume} at {Path} is offline: {Problem}")]
    private static partial void LogOffline(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeNotSwept, LogLevel.Warning, "Unfinished uploads could not be swept from {Path}")]
    private static partial void LogNotSwept(ILogger logger, string path, Exception failure);

    [LoggerMessage(LogEvents.VolumeSwept, LogLevel.Information, "{Count} unfinished uploads were swept from {Path}")]
    private static partial void LogSwept(ILogger logger, int count, string path);
}
