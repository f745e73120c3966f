
namespace Halley.Server.StorageRole.Volumes;

internal sealed partial class VolumeCatalog
{
    [LoggerMessage(LogEvents.VolumeAdded, LogLevel.Information, "Volume {Volume} at {Path} was added")]
    private static partial void LogAdded(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeNotAdded, LogLevel.Warning, "The directory {Path} could not be made a volume")]
    private static partial void LogNotAdded(ILogger logger, string path, Exception error);

    [LoggerMessage(LogEvents.VolumeRemoved, LogLevel.Information, "Volume {Volume} at {Path} was removed")]
    private static partial void LogRemoved(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeRelocated, LogLevel.Information, "Volume {Volume} at {Path} is reached at {NewPath} from now on")]
    private static partial void LogRelocated(ILogger logger, Guid volume, string path, string newPath);

    [LoggerMessage(LogEvents.VolumeOfflineAtStart, LogLevel.Error, "Volume {Volume} at {Path} is off line: {Problem}")]
    private static partial void LogOffline(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeSwept, LogLevel.Information, "{Count} unfinished uploads were swept from {Path}")]
    private static partial void LogSwept(ILogger logger, int count, string path);
}
