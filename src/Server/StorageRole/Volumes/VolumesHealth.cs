using Halley.Storage.Spanning;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>
/// Ready only while every volume is online and can be written if it should be. While one is offline, no look-up can establish that a file
/// does not exist, and requests fail.
/// </summary>
internal sealed class VolumesHealth(VolumeSet volumes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var offline = volumes.All.Count(volume => volume.Problem is not null);
        var unwritable = volumes.All.Count(volume => volume.WriteProblem is not null);
        return Task.FromResult((volumes.All.Count, offline + unwritable) switch
        {
            (0, _) => HealthCheckResult.Unhealthy("no volume"),
            (_, > 0) => HealthCheckResult.Unhealthy($"{offline} offline, {unwritable} not writable"),
            _ => HealthCheckResult.Healthy(),
        });
    }
}
