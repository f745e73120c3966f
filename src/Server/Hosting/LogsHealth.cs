using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Hosting;

/// <summary>Without room for its log the server still serves, but nobody learns what it does: degraded, not failed.</summary>
internal sealed class LogsHealth(DataDirectory directory) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(DataDirectory.WriteProblem(directory.Logs) is { } problem
            ? HealthCheckResult.Degraded("the log cannot be written", problem)
            : HealthCheckResult.Healthy());
}
