using Halley.Protocol;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Scrubs;
using Halley.Storage;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>The volumes of this server: which there are is in the database, what they hold is on the disks.</summary>
internal sealed partial class VolumeCatalog(
    VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, BucketAdoption adoption, TimeProvider time, ILogger<VolumeCatalog> logger) : IDisposable
{
    private readonly SemaphoreSlim _changes = new(1);

    /// <summary>Opens every known volume. A volume that is not there is opened offline, and the rest is served.</summary>
    /// <param name="firstVolume">Made and added when no volume was ever added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task OpenAsync(string firstVolume, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var records = await database.Set<VolumeRecord>().OrderBy(volume => volume.AddedAt).ToListAsync(cancellationToken);
        if (records.Count == 0)
        {
            await AddAsync(firstVolume, cancellationToken);
            return;
        }

        foreach (var record in records)
        {
            Open(record);
        }
    }

    public async Task<IReadOnlyList<VolumeInfo>> ListAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var records = await database.Set<VolumeRecord>().AsNoTracking().OrderBy(volume => volume.AddedAt).ToListAsync(cancellationToken);
        var verified = await ScrubTimes.OldestByVolumeAsync(database, cancellationToken);
        return [.. records.Select(record => (record, volume: volumes.Find(record.Id))).Where(row => row.volume is not null)
            .Select(row => row.record.ToWire(row.volume!, verified.TryGetValue(row.record.Id, out var oldest) ? oldest : null))];
    }

    public async Task<VolumeInfo?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(volume => volume.Id == id);

    public async Task<VolumeChange> AddAsync(string path, CancellationToken cancellationToken)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return VolumeChange.PathRelative;
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return await AddUnderLockAsync(full, cancellationToken);
        }
        catch (BlobStoreException error)
        {
            LogNotAdded(logger, full, error);
            return VolumeChange.Refused("volume_unusable", error.Message);
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task<VolumeInfo?> SetModeAsync(Guid id, VolumeMode mode, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var changed = await database.Set<VolumeRecord>().Where(volume => volume.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(volume => volume.Mode, mode), cancellationToken);
        if (changed == 0 || volumes.Find(id) is not { } volume)
        {
            return null;
        }

        volume.IsWritable = mode == VolumeMode.Writable;
        return await FindAsync(id, cancellationToken);
    }

    /// <summary>A volume is reached under another path from now on, where its marker must be: the disk was mounted elsewhere, or copied.</summary>
    public async Task<VolumeChange> RelocateAsync(Guid id, string path, CancellationToken cancellationToken)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return VolumeChange.PathRelative;
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (volumes.Find(id) is not { } volume)
            {
                return VolumeChange.NotFound;
            }

            if (volumes.All.Any(other => other != volume && (IsInside(full, other.Path) || IsInside(other.Path, full))))
            {
                return VolumeChange.Refused("volume_overlaps", "The directory is, holds, or lies inside another volume. Give a directory beside it.");
            }

            if (volumes.Relocate(volume, full) is { } problem)
            {
                return VolumeChange.Refused("volume_marker_missing", $"{full} is not this volume: {problem} Its files must be there before the path is changed.");
            }

            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<VolumeRecord>().Where(record => record.Id == id).ExecuteUpdateAsync(set => set.SetProperty(record => record.Path, full), cancellationToken);
            LogRelocated(logger, id, volume.Path, full);
            return VolumeChange.Done(id);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Takes an empty volume out of service; one that holds files, or that cannot be looked at, stays.</summary>
    public async Task<VolumeChange> RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        if (volumes.Find(id) is not { } volume)
        {
            return VolumeChange.NotFound;
        }

        var wasWritable = volume.IsWritable;
        volume.IsWritable = false; // no upload may begin here while it is looked at
        try
        {
            if (volume.IsBeingWritten)
            {
                volume.IsWritable = wasWritable;
                return VolumeChange.Refused("volume_in_use", "Files are just being written to the volume. Make it read-only and try again in a moment.");
            }

            if (volume.HoldsFiles())
            {
                volume.IsWritable = wasWritable;
                return VolumeChange.Refused("volume_not_empty", "The volume holds files of buckets, or deleted ones that are held. Move them to another volume first; then it can be removed.");
            }
        }
        catch (BlobStoreException error)
        {
            volume.IsWritable = wasWritable;
            return VolumeChange.Refused("volume_offline", $"{error.Message} It may hold files, so it cannot be removed before it is back.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<VolumeRecord>().Where(record => record.Id == id).ExecuteDeleteAsync(cancellationToken);
        volumes.Remove(volume);
        LogRemoved(logger, id, volume.Path);
        return VolumeChange.Done(id);
    }

    public void Dispose() => _changes.Dispose();

    private async Task<VolumeChange> AddUnderLockAsync(string path, CancellationToken cancellationToken)
    {
        if (volumes.All.FirstOrDefault(other => IsInside(path, other.Path) || IsInside(other.Path, path)) is { } other)
        {
            return VolumeChange.Refused("volume_overlaps", $"The directory is, holds, or lies inside the volume at {other.Path}. Give a directory beside it.");
        }

        var id = volumes.Mark(path);
        if (volumes.Find(id) is { } same)
        {
            return VolumeChange.Refused("volume_known", $"The directory carries the marker of the volume at {same.Path}; it is the same disk or a copy of it.");
        }

        var record = new VolumeRecord { Id = id, Path = path, AddedAt = time.GetUtcNow().UtcDateTime };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(record);
        await database.SaveChangesAsync(cancellationToken);
        var volume = Open(record);
        LogAdded(logger, id, path);
        await adoption.AdoptAsync(volume, cancellationToken);
        return VolumeChange.Done(id);
    }

    private Volume Open(VolumeRecord record)
    {
        var volume = volumes.Add(record.Id, record.Path, record.Mode == VolumeMode.Writable);
        if (volume.Problem is { } problem)
        {
            LogOffline(logger, record.Id, record.Path, problem);
            return volume;
        }

        var swept = volume.SweepStaging();
        if (swept > 0)
        {
            LogSwept(logger, swept, record.Path);
        }

        return volume;
    }

    private static bool IsInside(string path, string folder) =>
        path.Equals(folder, StringComparison.Ordinal) || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    [LoggerMessage(LogEvents.VolumeAdded, LogLevel.Information, "Volume {Volume} at {Path} was added")]
    private static partial void LogAdded(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeNotAdded, LogLevel.Warning, "The directory {Path} could not be made a volume")]
    private static partial void LogNotAdded(ILogger logger, string path, Exception error);

    [LoggerMessage(LogEvents.VolumeRemoved, LogLevel.Information, "Volume {Volume} at {Path} was removed")]
    private static partial void LogRemoved(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeRelocated, LogLevel.Information, "Volume {Volume} at {Path} is reached at {NewPath} from now on")]
    private static partial void LogRelocated(ILogger logger, Guid volume, string path, string newPath);

    [LoggerMessage(LogEvents.VolumeOfflineAtStart, LogLevel.Error, "Volume {Volume} at {Path} is offline: {Problem}")]
    private static partial void LogOffline(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeSwept, LogLevel.Information, "{Count} unfinished uploads were swept from {Path}")]
    private static partial void LogSwept(ILogger logger, int count, string path);
}

/// <summary>What became of a change to the volumes.</summary>
/// <param name="Id">The volume, when it was done.</param>
/// <param name="Code">Stable code of a refusal; null when it was done.</param>
/// <param name="Reason">What the administrator can do about it.</param>
internal sealed record VolumeChange(Guid? Id, string? Code, string? Reason)
{
    public static VolumeChange NotFound { get; } = new(null, "volume_not_found", "There is no such volume.");

    public static VolumeChange PathRelative { get; } =
        Refused("volume_path_relative", "Give the absolute path of a directory on the server, for example /mnt/disk2.");

    public static VolumeChange Done(Guid id) => new(id, null, null);

    public static VolumeChange Refused(string code, string reason) => new(null, code, reason);
}
