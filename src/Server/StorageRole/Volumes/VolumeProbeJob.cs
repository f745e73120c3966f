using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>Looks at every volume's marker: brings volumes back that were away, and notices those that have gone.</summary>
internal sealed partial class VolumeProbeJob(VolumeSet volumes, ILogger<VolumeProbeJob> logger)
{
    public Task RunOnceAsync(CancellationToken cancellation)
    {
        foreach (var volume in volumes.All)
        {
            var before = volume.Problem;
            if (volume.Probe() == (before is null))
            {
                continue;
            }

            if (volume.Problem is { } problem)
            {
                LogGone(logger, volume.Id, volume.Path, problem);
            }
            else
            {
                LogBack(logger, volume.Id, volume.Path);
            }
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogEvents.VolumeGone, LogLevel.Error, "Volume {Volume} at {Path} went off line: {Problem}")]
    private static partial void LogGone(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeBack, LogLevel.Information, "Volume {Volume} at {Path} is back on line")]
    private static partial void LogBack(ILogger logger, Guid volume, string path);
}
