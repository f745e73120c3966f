using Halley.Client.Accounts;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Runs restore drills: once a week for each vault to which this device backs up, when no other job runs. The first one comes some days
/// after the first look, so that not all devices of a server begin at once.
/// </summary>
/// <param name="runner">Runs the jobs.</param>
/// <param name="options">The same that the runner has.</param>
/// <param name="profile">The last known profile; null while there is none.</param>
public sealed class RestoreDrills(JobRunner runner, JobRunnerOptions options, Func<UserProfileConfig?> profile)
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(7);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(30);

    private readonly VaultTimes _due = new(options.State, "drills");

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Pause, options.Time, cancellationToken);
                await RunDueAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is RunnerException or AccountException or HttpRequestException or IOException)
            {
                options.Warn($"The restore drill could not be begun: {error.Message}");
            }
        }
    }

    /// <summary>Starts the drill that is due, if one is and nothing else runs.</summary>
    /// <returns>Its job; null when none was started.</returns>
    internal async Task<Guid?> RunDueAsync(CancellationToken cancellationToken)
    {
        if (profile() is not { } known || options.History.Running.Count > 0)
        {
            return null;
        }

        foreach (var vaultId in VaultsOf(known, options.State.FindAccount()?.DeviceId).Select(vault => vault.Id))
        {
            var now = options.Time.GetUtcNow();
            if (_due.Find(vaultId) is not { } due)
            {
                _due.Save(vaultId, now + (Interval * options.Random.NextDouble()));
            }
            else if (due <= now)
            {
                _due.Save(vaultId, now + Interval);
                return await runner.StartDrillAsync(vaultId, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>The vaults to which a device backs up, and which it can open.</summary>
    internal static IEnumerable<ProfileVault> VaultsOf(UserProfileConfig known, string? device) => known.BackupRules.Values
        .Where(rule => known.Sources.TryGetValue(rule.Source, out var item) && item.OwnerDevice == device)
        .Select(rule => rule.Destination).Distinct().Where(known.Destinations.ContainsKey)
        .Select(id => new ProfileVault(id, known.Destinations[id])).Where(vault => vault is { IsSupported: true, IsSetUp: true });
}
