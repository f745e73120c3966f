using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Instances;

/// <summary>Without Redis an instance still serves its own data, so the state is degraded, not failed.</summary>
internal sealed class InstancesHealth(InstanceBus bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(bus.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis is away"));
}
