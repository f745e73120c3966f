namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>Asks the device that runs a job to stop it. Who speaks with devices implements it.</summary>
internal abstract class JobStopper
{
    /// <summary>Returns when the device has agreed, has refused, or could not be asked.</summary>
    /// <param name="job">The job, which is running.</param>
    /// <param name="cancellationId">What the device gave with the job for this.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public abstract Task<JobChange> StopAsync(BackupJob job, string cancellationId, CancellationToken cancellationToken);
}
