using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>Reads the marker of every volume, and tries to write, to notice volumes that went away or came back.</summary>
internal sealed partial class VolumeProbeWork(VolumeSet volumes, ILogger<VolumeProbeWork> logger)
{
    /// <summary>How long a disk may take to answer before it counts as offline.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Probes all volumes at once, so that an unresponsive volume does not delay the others.</summary>
    public Task RunOnceAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(volumes.All.Select(volume => LookAsync(volume, cancellationToken)));

    private async Task LookAsync(Volume volume, CancellationToken cancellationToken)
    {
        var (before, unwritable) = (volume.Problem, volume.WriteProblem);
        var isOnline = await volume.ProbeAsync(Patience, cancellationToken);
        if (isOnline && (volume.WriteProblem is null) != (unwritable is null))
        {
            Tell(volume);
        }

        if (isOnline == (before is null))
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

    private void Tell(Volume volume)
    {
        if (volume.WriteProblem is { } problem)
        {
            LogUnwritable(logger, volume.Id, volume.Path, problem);
        }
        else
        {
            LogWritable(logger, volume.Id, volume.Path);
        }
    }

    [LoggerMessage(LogEvents.VolumeUnwritable, LogLevel.Error, "Volume {Volume} at {Path} takes no new files: {Problem}")]
    private static partial void LogUnwritable(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeWritable, LogLevel.Information, "Volume {Volume} at {Path} takes new files again")]
    private static partial void LogWritable(ILogger logger, Guid volume, string path);

    [LoggerMessage(LogEvents.VolumeGone, LogLevel.Error, "Volume {Volume} at {Path} went offline: {Problem}")]
    private static partial void LogGone(ILogger logger, Guid volume, string path, string problem);

    [LoggerMessage(LogEvents.VolumeBack, LogLevel.Information, "Volume {Volume} at {Path} is back online")]
    private static partial void LogBack(ILogger logger, Guid volume, string path);
}
