namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The account a job belongs to.</summary>
internal sealed record JobOwner(Guid AccountId, string Username, string OrganizationId);

internal enum JobChangeResult
{
    /// <summary>Stored, or it was stored before: saying it again changes nothing.</summary>
    Done,

    /// <summary>No such job among those the caller may see.</summary>
    NotFound,

    /// <summary>What was sent cannot be stored; the reason says why.</summary>
    Refused,

    /// <summary>The job runs no more.</summary>
    HasEnded,

    /// <summary>The device has not said that the job can be cancelled.</summary>
    CannotBeCancelled,

    /// <summary>The device that runs the job is not connected to the server.</summary>
    DeviceNotConnected,

    /// <summary>The id is that of a job of somebody else, or entries of the log before these are missing.</summary>
    Conflict,
}

/// <summary>How a change ended; <paramref name="Document"/> is the job as it is stored now when it was done.</summary>
internal sealed record JobChange(JobChangeResult Result, string Reason = "", string Document = "")
{
    public static readonly JobChange NotFound = new(JobChangeResult.NotFound, "There is no such job.");

    public static JobChange Done(BackupJob job) => new(JobChangeResult.Done, Document: job.Document);

    public static JobChange Refused(string reason) => new(JobChangeResult.Refused, reason);
}
