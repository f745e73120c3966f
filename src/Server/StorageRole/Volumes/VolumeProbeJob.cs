using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>Looks at every volume's marker: brings volumes back that were away, and notices those that have gone.</summary>
internal sealed partial class VolumeProbeJob(VolumeSet volumes, ILogger<VolumeProbeJob> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>All at once, so that one that does not answer does not keep the others waiting.</summary>
    public Task RunOnceAsync(CancellationToken cancellation) => Task.WhenAll(volumes.All.Select(volume => LookAsync(volume, cancellation)));

    private async Task LookAsync(Volume volume, CancellationToken cancellation)
    {
        var before = volume.Problem;
        if (await volume.ProbeAsync(Patience, cancellation) == (before is null))
        {
            return;
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

    [LoggerMessage(LogEvents.VolumeGone, LogLevel.Error, "Volume {Volume} at {Path} went off line: {Problem}")]
    private static partial void LogGone(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeBack, LogLevel.Information, "Volume {Volume} at {Path} is back on line")]
    private static partial void LogBack(ILogger logger, Guid volume, string path);
}
