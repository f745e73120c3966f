using Halley.Protocol;

namespace Halley.Server.StorageRole.Scrubs;

internal sealed partial class ScrubFindings
{
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

    [LoggerMessage(LogEvents.FileQuarantined, LogLevel.Error, "{Path} of bucket {Bucket} on volume {Volume} is {Kind}: {Reason} Quarantined as {KeptAs}")]
    private static partial void LogBad(ILogger logger, string path, string bucket, Guid volume, ScrubFindingKind kind, string reason, string? keptAs);

    [LoggerMessage(LogEvents.FileNotInPlace, LogLevel.Warning, "{Path} of bucket {Bucket} on volume {Volume} is {Kind}: {Reason}")]
    private static partial void LogNotInPlace(ILogger logger, string path, string bucket, Guid volume, ScrubFindingKind kind, string reason);

    [LoggerMessage(LogEvents.FindingHealed, LogLevel.Information, "{Path} of bucket {Bucket} is in order again")]
    private static partial void LogHealed(ILogger logger, string path, string bucket);

    [LoggerMessage(LogEvents.FindingDismissed, LogLevel.Information, "{Actor} dismissed the finding about {Path} of bucket {Bucket}")]
    private static partial void LogDismissed(ILogger logger, string actor, string path, string bucket);

    [LoggerMessage(LogEvents.QuarantineNotRead, LogLevel.Warning, "The quarantine of volume {Volume} could not be read")]
    private static partial void LogNotRead(ILogger logger, Guid volume, Exception error);
}
