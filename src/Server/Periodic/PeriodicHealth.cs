using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Periodic;

/// <summary>Late work needs attention, but the server still serves, so the state is degraded, not failed.</summary>
internal sealed class PeriodicHealth(IEnumerable<PeriodicLoop> jobs) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var late = jobs.Where(job => job.IsLate).Select(job => job.Name).ToList();
        return Task.FromResult(
            late.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"late: {string.Join(", ", late)}"));
    }
}
