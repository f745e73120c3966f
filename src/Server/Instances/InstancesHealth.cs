using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Instances;

/// <summary>Without Redis an instance still serves everything of its own, so that is degraded and not failed.</summary>
internal sealed class InstancesHealth(InstanceBus bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(bus.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis is away"));
}
